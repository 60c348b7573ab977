import { Subject } from 'rxjs';
import type { Channel, ChannelEnd } from '../../src/wire/channel.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Direction = 'to-robot' | 'to-planner';

/** What becomes of a frame on its way: the frames that arrive in its place, each after some seconds. */
export type Fate = (
  frame: Uint8Array,
  direction: Direction,
) => readonly { readonly frame: Uint8Array; readonly delay: number }[];

export const untouched: Fate = (frame) => [{ frame, delay: 0.002 }];

class End implements Channel {
  readonly frame$ = new Subject<Uint8Array>();
  readonly ended: Promise<ChannelEnd>;
  buffered = 0;
  readonly #transmit: (frame: Uint8Array) => void;
  readonly #close: (end: ChannelEnd) => void;
  #resolve: (end: ChannelEnd) => void = () => undefined;
  #open = true;

  constructor(transmit: (frame: Uint8Array) => void, close: (end: ChannelEnd) => void) {
    this.#transmit = transmit;
    this.#close = close;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  send(frame: Uint8Array): void {
    if (this.#open) this.#transmit(frame.slice());
  }

  receive(frame: Uint8Array): void {
    if (this.#open) this.frame$.next(frame);
  }

  close(code: number, reason: string): void {
    this.#close({ code, reason });
  }

  end(end: ChannelEnd): void {
    if (!this.#open) return;
    this.#open = false;
    this.frame$.complete();
    this.#resolve(end);
  }
}

/** Both ends, and what cuts the connection between them. */
export interface Pair {
  readonly robot: Channel;
  readonly planner: Channel & { buffered: number };
  cut(): void;
}

/** Both ends of a connection in virtual time, with whatever fate for the frames between them. */
export function pairedChannels(time: VirtualTime, fate: Fate): Pair {
  const both = (end: ChannelEnd) =>
    [robot, planner].forEach((side) => void time.after(0.005, () => side.end(end)));
  const carry = (direction: Direction, to: () => End) => (frame: Uint8Array) => {
    for (const { frame: arriving, delay } of fate(frame, direction))
      time.after(delay, () => to().receive(arriving));
  };
  const robot: End = new End(
    carry('to-planner', () => planner),
    both,
  );
  const planner: End = new End(
    carry('to-robot', () => robot),
    both,
  );
  return { robot, planner, cut: () => both({ code: 1006, reason: 'cut' }) };
}

import { Subject, type Observable, type Subscription } from 'rxjs';
import { reasonOf } from '../errors.ts';
import type { Channel, Pulse } from './channel.ts';
import { decodeFrame, encodeFrame } from './robot-frame.ts';
import type { MessageOf, RobotMessage, Unsent } from './robot-messages.ts';

/** What came over a connection and was of no use. */
export interface PeerCounts {
  readonly received: number;
  /** Damaged frames, and messages that the schema refuses. */
  readonly corrupt: number;
  /** Messages whose number had been passed already: duplicates, and those that came out of order. */
  readonly repeated: number;
  /** Numbers that never came. */
  readonly lost: number;
}

/** What a beat tells of the observations of the other end. */
export interface Progress {
  readonly seen: number | null;
  readonly done: number | null;
}

/**
 * One end of a connection of the robot protocol: numbers what it sends, drops what is damaged, repeated or out of order,
 * beats, and measures the round trip.
 */
export class RobotPeer implements Disposable {
  /** In order, beats included. Completes with the channel. */
  readonly message$: Observable<RobotMessage>;
  /** Why a frame was dropped as damaged or unknown. */
  readonly corrupt$: Observable<string>;
  readonly channel: Channel;
  readonly #pulse: Pulse;
  readonly #messages$ = new Subject<RobotMessage>();
  readonly #corrupt$ = new Subject<string>();
  readonly #subscriptions: Subscription[] = [];
  #sent = 0;
  #last = -1;
  #counts: PeerCounts = { received: 0, corrupt: 0, repeated: 0, lost: 0 };
  #echo: { readonly time: number; readonly at: number } | null = null;
  #offset = Infinity;
  #roundTrip: number | null = null;

  constructor(channel: Channel, pulse: Pulse) {
    this.channel = channel;
    this.#pulse = pulse;
    this.message$ = this.#messages$.asObservable();
    this.corrupt$ = this.#corrupt$.asObservable();
    this.#subscriptions.push(
      channel.frame$.subscribe({
        next: (frame) => this.#take(frame),
        complete: () => this[Symbol.dispose](),
      }),
    );
  }

  get counts(): PeerCounts {
    return this.#counts;
  }

  /** Seconds of the last round trip of a beat; null before the first. */
  get roundTrip(): number | null {
    return this.#roundTrip;
  }

  /** Seconds since the other end's `time`, by this end's clock: less the shortest way that any beat has taken. */
  ageOf(time: number): number {
    return (
      this.#pulse.now() - time - (Number.isFinite(this.#offset) ? this.#offset : this.#pulse.now() - time)
    );
  }

  /** Sends a message and returns its number. */
  send(message: Unsent): number {
    const seq = this.#sent++;
    this.channel.send(encodeFrame({ ...message, seq }));
    return seq;
  }

  /** Beats from now on, the first one at once. */
  beat(period: number, progress: () => Progress): void {
    const beat = (): void => {
      const now = this.#pulse.now();
      const echo = this.#echo && { time: this.#echo.time, held: now - this.#echo.at };
      this.send({ t: 'beat', time: now, echo, ...progress() });
    };
    beat();
    this.#subscriptions.push(this.#pulse.every(period).subscribe(beat));
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
    this.#messages$.complete();
    this.#corrupt$.complete();
  }

  #take(frame: Uint8Array): void {
    let message: RobotMessage;
    try {
      message = decodeFrame(frame);
    } catch (error) {
      this.#counts = { ...this.#counts, corrupt: this.#counts.corrupt + 1 };
      this.#corrupt$.next(reasonOf(error));
      return;
    }
    const { received, repeated, lost } = this.#counts;
    if (message.seq <= this.#last) {
      this.#counts = { ...this.#counts, repeated: repeated + 1 };
      return;
    }
    this.#counts = { ...this.#counts, received: received + 1, lost: lost + message.seq - this.#last - 1 };
    this.#last = message.seq;
    if (message.t === 'beat') this.#hear(message);
    this.#messages$.next(message);
  }

  #hear({ time, echo }: MessageOf<'beat'>): void {
    const now = this.#pulse.now();
    this.#echo = { time, at: now };
    this.#offset = Math.min(this.#offset, now - time);
    if (echo) this.#roundTrip = Math.max(0, now - echo.time - echo.held);
  }
}

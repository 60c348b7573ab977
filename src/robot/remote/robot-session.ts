import { endWith, filter, firstValueFrom, map, merge, Subject, take, type Observable } from 'rxjs';
import type { Tick } from '../../control/tick.ts';
import { JepilotError } from '../../errors.ts';
import type { Channel, ChannelEnd, Pulse } from '../../wire/channel.ts';
import {
  PROTOCOL_VERSION,
  type MessageOf,
  type RobotMessage,
  type Unsent,
} from '../../wire/robot-messages.ts';
import { tickToWire } from '../../wire/robot-conversions.ts';
import { RobotPeer } from '../../wire/robot-peer.ts';
import { judgeChunk, type Verdict } from './judge-chunk.ts';

export type Welcome = MessageOf<'welcome'>;
export type Chunk = MessageOf<'chunk'>;
export type ObservationMessage = Omit<MessageOf<'observation'>, 'seq'>;
export type Introduction = Omit<MessageOf<'hello'>, 't' | 'seq' | 'version' | 'clock'>;
type Command = MessageOf<'command'>['command'];
export type OrderMessage = Extract<Command, { kind: 'order' }>;

interface Pending {
  readonly seq: number;
  readonly sentAt: number;
  readonly message: ObservationMessage;
  readonly resolve: (chunk: Chunk) => void;
  readonly reject: (error: Error) => void;
}

/** Executed steps are told when this many wait, or after this many seconds: nobody plans from them. */
const TICKS_AT_ONCE = 32;
const TICKS_EVERY = 0.2;

const lost = (message: string): JepilotError => new JepilotError('link', message);

/** The robot's side of one connection, from the welcome on. */
export class RobotSession implements Disposable {
  readonly welcome: Welcome;
  readonly ended: Promise<ChannelEnd>;
  readonly peer: RobotPeer;
  /** At every beat of the planning end. Completes with the connection. */
  readonly beat$: Observable<void>;
  readonly order$: Observable<OrderMessage>;
  /** What became of each chunk that came. */
  readonly verdict$: Observable<Verdict>;
  readonly #pulse: Pulse;
  readonly #orders$ = new Subject<OrderMessage>();
  readonly #verdicts$ = new Subject<Verdict>();
  readonly #acks$ = new Subject<MessageOf<'ack'> | MessageOf<'error'>>();
  #pending: Pending | null = null;
  #commands = 0;
  #lastOrder = -1;
  #step = 0;
  readonly #ticks: MessageOf<'ticks'>['ticks'] = [];
  #toldAt = -Infinity;
  /** Its last complaint that was about no message in particular. */
  #said = '';

  private constructor(peer: RobotPeer, welcome: Welcome, pulse: Pulse, heartbeat: number) {
    this.peer = peer;
    this.welcome = welcome;
    this.#pulse = pulse;
    this.ended = peer.channel.ended;
    this.beat$ = peer.message$.pipe(
      filter(({ t }) => t === 'beat'),
      map(() => undefined),
    );
    this.order$ = this.#orders$.asObservable();
    this.verdict$ = this.#verdicts$.asObservable();
    peer.message$.subscribe({
      next: (message) => this.#take(message),
      complete: () => this.#lose('the link ended'),
    });
    peer.beat(heartbeat, () => ({ seen: null, done: null }));
  }

  /** Introduces the robot; `refused` with the planning end's reason, `link` where no answer comes in `timeout` seconds. */
  static async open(
    channel: Channel,
    { heartbeat, ...robot }: Introduction,
    pulse: Pulse,
    timeout: number,
  ): Promise<RobotSession> {
    const peer = new RobotPeer(channel, pulse);
    const silence$ = pulse.every(timeout).pipe(
      take(1),
      map(() => lost(`the planning end has not answered for ${timeout} s`)),
    );
    const answer$ = merge(peer.message$, silence$).pipe(filter((m) => m instanceof Error || m.t !== 'beat'));
    const answer = firstValueFrom(answer$, { defaultValue: lost('the planning end hung up') });
    const hello = { t: 'hello', version: PROTOCOL_VERSION, heartbeat, clock: pulse.now(), ...robot } as const;
    peer.send(hello);
    const first = await answer;
    if (!(first instanceof Error) && first.t === 'welcome')
      return new RobotSession(peer, first, pulse, heartbeat);
    channel.close(1002, 'no welcome');
    if (first instanceof Error) throw first;
    const said =
      first.t === 'error' ? `${first.code}: ${first.message}` : `'${first.t}' in place of a welcome`;
    throw new JepilotError('refused', `the planning end refused this robot: ${said}`);
  }

  /** Sends an observation; its chunk, or `link` where it was refused, lost, or not answered in `timeout` seconds. */
  plan(message: ObservationMessage, timeout: number): Promise<Chunk> {
    this.#pending?.reject(lost('a newer observation took its place'));
    return new Promise((resolve, reject) => {
      const seq = this.peer.send(message);
      const pending: Pending = { seq, sentAt: this.#pulse.now(), message, resolve, reject };
      this.#pending = pending;
      this.#pulse
        .every(timeout)
        .pipe(take(1))
        .subscribe(() => this.#fail(pending, `no chunk came in ${timeout} s`));
    });
  }

  /** Nothing that was asked for before this epoch is wanted any more. */
  voidBefore(epoch: number): void {
    const pending = this.#pending;
    if (pending && pending.message.epoch < epoch) this.#fail(pending, 'the robot began a new epoch');
  }

  /** Asks until it is acknowledged: again every half second, for `timeout` seconds. */
  async command(command: Command, timeout: number): Promise<void> {
    const id = this.#commands++;
    const sent = new Set<number>();
    const send = (): void => void sent.add(this.peer.send({ t: 'command', id, command }));
    const again = this.#pulse.every(0.5).subscribe(send);
    const late$ = this.#pulse.every(timeout).pipe(
      take(1),
      map(() => null),
    );
    const mine$ = this.#acks$.pipe(
      filter(({ re }) => re !== null && sent.has(re)),
      endWith(null), // the link ended
    );
    const answer = firstValueFrom(merge(mine$, late$));
    send();
    try {
      const reply = await answer;
      if (!reply) throw lost(`the planning end did not acknowledge '${command.kind}'${this.#said}`);
      if (reply.t === 'error')
        throw new JepilotError('refused', `the planning end refused '${command.kind}': ${reply.message}`);
    } finally {
      again.unsubscribe();
    }
  }

  /** Tells how the envelope stands. */
  state(state: Omit<MessageOf<'state'>, 't' | 'seq'>): void {
    this.#step = state.step;
    this.peer.send({ t: 'state', ...state });
  }

  /** Tells what was executed, several steps at a time. */
  tick(tick: Tick): void {
    const full = this.#ticks.push(tickToWire(tick)) >= TICKS_AT_ONCE;
    if (full || this.#pulse.now() - this.#toldAt >= TICKS_EVERY) this.flush();
  }

  /** Sends the steps that wait to be told. */
  flush(): void {
    const ticks = this.#ticks.splice(0);
    this.#toldAt = this.#pulse.now();
    if (ticks.length > 0) this.peer.send({ t: 'ticks', ticks });
  }

  [Symbol.dispose](): void {
    this.flush();
    this.peer.channel.close(1000, 'the robot leaves');
    this.#lose('the robot left');
    this.peer[Symbol.dispose]();
  }

  #take(message: RobotMessage): void {
    if (message.t === 'chunk') this.#chunk(message);
    else if (message.t === 'beat') this.#progress(message);
    else if (message.t === 'ack') this.#acks$.next(message);
    else if (message.t === 'command') this.#command(message);
    else if (message.t === 'error') this.#error(message);
  }

  #chunk(chunk: Chunk): void {
    const pending = this.#pending;
    const verdict = pending?.seq === chunk.re ? judgeChunk(chunk, pending.message) : 'stale';
    this.#send({ t: 'ack', re: chunk.seq, result: verdict, step: this.#step });
    this.#verdicts$.next(verdict);
    if (!pending || verdict === 'stale') return;
    // What is not finite or of the wrong width goes on: the envelope refuses it, and counts.
    if (verdict === 'epoch' || verdict === 'prefix') {
      this.#fail(pending, `its chunk was refused: ${verdict}`);
      return;
    }
    this.#pending = null;
    pending.resolve(chunk);
  }

  #error(error: MessageOf<'error'>): void {
    if (this.#pending && error.re === this.#pending.seq)
      this.#fail(this.#pending, `the planning end: ${error.code}: ${error.message}`);
    else if (error.re !== null) this.#acks$.next(error);
    else this.#said = `; it said: ${error.code}: ${error.message}`;
    if (error.fatal) this.#lose(`the planning end gave up: ${error.code}: ${error.message}`);
  }

  /** An observation or its chunk was lost on the way, as far as a beat tells that was sent after it came. */
  #progress({ echo, seen, done }: MessageOf<'beat'>): void {
    const pending = this.#pending;
    if (!pending) return;
    if (done !== null && done >= pending.seq) {
      this.#fail(pending, 'its chunk was lost on the way');
      return;
    }
    if (echo && echo.time > pending.sentAt && (seen === null || seen < pending.seq))
      this.#fail(pending, 'it was lost on the way');
  }

  #command({ seq, id, command }: MessageOf<'command'>): void {
    this.#send({
      t: 'ack',
      re: seq,
      result: command.kind === 'order' ? 'done' : 'ignored',
      step: this.#step,
    });
    if (command.kind !== 'order' || id <= this.#lastOrder) return;
    this.#lastOrder = id;
    this.#orders$.next(command);
  }

  #send(message: Unsent): void {
    this.peer.send(message);
  }

  #fail(pending: Pending, why: string): void {
    if (this.#pending === pending) this.#pending = null;
    pending.reject(
      lost(`the observation of step ${pending.message.frames.at(-1)?.step ?? 0} brought no plan: ${why}`),
    );
  }

  #lose(why: string): void {
    if (this.#pending) this.#fail(this.#pending, why);
    this.#acks$.complete();
    this.#orders$.complete();
    this.#verdicts$.complete();
  }
}

import { setImmediate } from 'node:timers/promises';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Engine } from '../planning/engine.ts';

/** An engine, and what its keeper needs besides. */
export interface RunningEngine {
  readonly engine: Engine;
  /** Resolves with the reason when the engine has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** Ends it at once, in the middle of whatever it does. */
  kill(): void;
}

export type SlotState = 'starting' | 'ready' | 'lost' | 'stopped';

export interface SlotOptions {
  /** Names the engine in logs and events. */
  readonly name: string;
  /** Starts an engine, loads the model and proves with a plan that it works. */
  readonly start: () => Promise<RunningEngine>;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** Calls back after some seconds; returns what cancels it. */
  readonly after: (seconds: number, callback: () => void) => () => void;
  /** Seconds after which a call that has not returned means that the engine hangs: it is killed. */
  readonly hangsAfter: number;
  readonly onState: (state: SlotState, reason?: string) => void;
}

/** Seconds before the first restart of an engine; doubles with each loss up to the longest. */
const FIRST_PAUSE = 0.5;
const LONGEST_PAUSE = 30;
/** Seconds that an engine must live for its losses to be forgotten. */
const SETTLED = 60;

const lostError = (name: string, reason: string): JepilotError =>
  new JepilotError('provider', `planning engine ${name} ${reason}; hold and ask again`);

/**
 * The place of one engine: gives work to it in turn, and puts a new one there when it is lost. A robot has at most one
 * plan in the queue, so that first come, first served is fair between robots.
 */
export class EngineSlot implements AsyncDisposable {
  readonly name: string;
  /** Sessions that plan here. */
  sessions = 0;
  readonly #options: SlotOptions;
  #state: SlotState = 'starting';
  #running: RunningEngine | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #losses = 0;
  #bornAt = 0;
  #cancel: () => void = () => undefined;
  #first: Promise<void> | null = null;

  constructor(options: SlotOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** The engine that is ready now: what was opened on another one is gone. */
  get engine(): Engine | null {
    return this.#state === 'ready' ? (this.#running?.engine ?? null) : null;
  }

  /** Starts the first engine; rejects with its error where it can't be started. */
  start(): Promise<void> {
    return (this.#first ??= this.#start());
  }

  /** Work for the engine, in its turn. Rejects with `provider` when the engine is lost before or meanwhile. */
  take<T>(engine: Engine, work: () => Promise<T>): Promise<{ value: T; queueMs: number }> {
    const { now } = this.#options;
    const asked = now();
    const turn = this.#turn.then(async () => {
      if (this.engine !== engine) throw lostError(this.name, 'is being replaced');
      const queueMs = 1000 * (now() - asked);
      return { value: await this.#watched(engine, work), queueMs };
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Lets the running call end, then ends the engine. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#set('stopped');
    this.#cancel();
    const stopped = this.#running?.engine[Symbol.asyncDispose]();
    const cancel = this.#options.after(this.#options.hangsAfter, () => this.#running?.kill());
    await stopped;
    cancel();
  }

  async #watched<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
    const cancel = this.#options.after(this.#options.hangsAfter, () => this.#running?.kill());
    try {
      return await work();
    } catch (error) {
      // Whether the engine itself has ended is known once the events of this turn of the loop are through.
      await setImmediate();
      if (this.engine !== engine) throw lostError(this.name, 'was lost');
      throw error;
    } finally {
      cancel();
    }
  }

  async #start(): Promise<void> {
    this.#set('starting');
    const running = await this.#options.start();
    if (this.#stopped) return void running.engine[Symbol.asyncDispose]();
    this.#running = running;
    this.#bornAt = this.#options.now();
    this.#set('ready');
    void running.ended.then((reason) => this.#lose(reason));
  }

  get #stopped(): boolean {
    return this.#state === 'stopped';
  }

  #lose(reason: string): void {
    if (this.#stopped) return;
    if (this.#running && this.#options.now() - this.#bornAt > SETTLED) this.#losses = 0;
    this.#running = null;
    this.#set('lost', reason);
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#losses++);
    this.#cancel = this.#options.after(pause, () => {
      this.#start().catch((error: unknown) => this.#lose(`could not start: ${reasonOf(error)}`));
    });
  }

  #set(state: SlotState, reason?: string): void {
    this.#state = state;
    this.#options.onState(state, reason);
  }
}

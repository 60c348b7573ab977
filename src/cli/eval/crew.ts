import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromErrorData } from '../../errors.ts';
import { workerEntry } from '../workers/entry.ts';
import type { Backend, Listener } from './backend.ts';
import type { Order, OrderMessage, Outcome, OutcomeMessage } from './orders.ts';

/** Times that an order is tried before it is given up. */
export const ATTEMPTS = 3;

export interface CrewOptions extends Listener {
  readonly jobs: number;
}

/** Why an order was not carried out. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
  /** `open`: no order of this cell can be carried out. */
  readonly during: 'open' | 'play';

  constructor(reason: string, during: 'open' | 'play', cause: unknown) {
    super(reason, { cause });
    this.during = during;
  }
}

interface Task {
  readonly order: Order;
  readonly attempts: number;
}

/**
 * Worker processes that carry out orders, each one order at a time. A worker that dies costs its order an attempt and
 * is replaced. What a worker reports as unable to open ends the whole crew: every order of that cell would fail.
 */
export class Crew implements Backend {
  readonly #options: CrewOptions;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Process ids of the workers that live. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /** Carries out all orders, or those begun before an abort. Throws what makes going on useless. */
  async run(orders: readonly Order[]): Promise<void> {
    const queue: Task[] = orders.map((order) => ({ order, attempts: 0 })).reverse();
    const lanes = Math.min(this.#options.jobs, queue.length);
    const failed: unknown[] = [];
    const lane = async (): Promise<void> => {
      while (failed.length === 0 && !this.#options.signal.aborted) {
        const task = queue.pop();
        if (!task) return;
        const again = await this.#attempt(task);
        if (again) queue.push(again);
      }
    };
    await Promise.all(
      Array.from({ length: lanes }, () => lane().catch((error: unknown) => failed.push(error))),
    );
    if (failed.length > 0) throw failed[0];
  }

  /** One order on one worker, once. Throws OrderError. */
  async carryOut(order: Order): Promise<Outcome> {
    const worker = this.#idle.pop() ?? this.#start();
    const answer = await ask(worker, { order });
    if ('gone' in answer) throw new OrderError(answer.gone, 'play', null);
    this.#idle.push(worker);
    if ('outcome' in answer) return answer.outcome;
    throw new OrderError(answer.error.message, answer.during, fromErrorData(answer.error));
  }

  /** Resolves to the task that is to be tried again, if any. */
  async #attempt({ order, attempts }: Task): Promise<Task | null> {
    try {
      this.#options.onOutcome(order, await this.carryOut(order));
      return null;
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      if (error.during === 'open') throw error.cause;
      if (attempts + 1 < ATTEMPTS) return { order, attempts: attempts + 1 };
      this.#options.onLost({ order, reason: error.message });
      return null;
    }
  }

  #start(): ChildProcess {
    const worker = fork(fileURLToPath(workerEntry('evaluate')), { execArgv: [], serialization: 'advanced' });
    this.#all.add(worker);
    worker.once('exit', () => {
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = [...this.#all].map((worker) => new Promise((done) => worker.once('exit', done)));
    for (const worker of this.#all) if (worker.connected) worker.disconnect();
    await Promise.all(ended);
  }
}

type Answer = OutcomeMessage | { readonly gone: string };

const ask = (worker: ChildProcess, message: OrderMessage): Promise<Answer> =>
  new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      worker.off('error', onError);
      resolve(answer);
    };
    const onMessage = (answer: unknown): void => settle(answer as OutcomeMessage);
    const onExit = (code: number | null, signal: string | null): void =>
      settle({ gone: `the worker ended (${signal ?? `exit code ${code ?? 'unknown'}`})` });
    const onError = (error: Error): void => settle({ gone: `the worker failed: ${error.message}` });
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.on('error', onError);
    worker.send(message);
  });

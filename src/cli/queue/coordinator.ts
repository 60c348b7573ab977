import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueOverhead } from '../../evaluation/timings-file.ts';
import { JepilotError } from '../../errors.ts';
import { version } from '../version.ts';
import type { Backend, Listener } from '../eval/backend.ts';
import type { Order } from '../eval/orders.ts';
import { modelOf } from '../eval/settle.ts';
import { overheadOf, stampsOf } from './overhead.ts';
import { jobId, QUEUE, REFUSED, type JobData, type JobResult } from './protocol.ts';
import { connectRedis, shown } from './redis.ts';
import { sight, type SentJob } from './sent-jobs.ts';

/** Milliseconds between two looks at what nobody has told of. */
const LOOK_MS = 2000;
/** Milliseconds without Redis after which the suite stops; what was played is kept. */
const MOST_GONE_MS = 30_000;

type Stamp = NonNullable<ReturnType<typeof stampsOf>>;

/**
 * Gives orders to whatever workers listen to a queue in Redis, and collects what comes back. Every order has its own
 * name, so that one that is done twice counts once. Redis may lose everything: looking again sends what is missing.
 */
export class Coordinator implements Backend {
  readonly #listener: Listener;
  readonly #address: string;
  readonly #redis: Redis;
  /** Events need a connection of their own; BullMQ closes none that it was given. */
  readonly #listening: Redis;
  readonly #events: QueueEvents;
  readonly #queue: Queue<JobData, JobResult>;
  readonly #pending = new Map<string, Order>();
  readonly #told = new Set<string>();
  readonly #stamps: Stamp[] = [];
  #goneSince: number | null = null;

  private constructor(address: string, redis: Redis, listener: Listener) {
    this.#address = address;
    this.#redis = redis;
    this.#listener = listener;
    this.#queue = new Queue(QUEUE, { connection: redis });
    this.#listening = redis.duplicate();
    this.#listening.on('error', () => undefined);
    this.#events = new QueueEvents(QUEUE, { connection: this.#listening });
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    redis.on('close', () => (this.#goneSince ??= performance.now()));
    redis.on('ready', () => (this.#goneSince = null));
  }

  /** Throws JepilotError('io') where Redis can't be reached. */
  static async open(address: string, listener: Listener): Promise<Coordinator> {
    const coordinator = new Coordinator(address, await connectRedis(address), listener);
    await coordinator.#events.waitUntilReady();
    return coordinator;
  }

  get overhead(): QueueOverhead {
    return overheadOf(this.#stamps);
  }

  async run(orders: readonly Order[]): Promise<void> {
    for (const order of orders) this.#pending.set(jobId(order), order);
    const woken: { wake: () => void } = { wake: () => undefined };
    const onEnd = ({ jobId: id }: { jobId: string }): void => {
      if (this.#pending.has(id)) this.#told.add(id);
      woken.wake();
    };
    this.#events.on('completed', onEnd);
    this.#events.on('failed', onEnd);
    try {
      await this.#look([...this.#pending.keys()]);
      while (this.#pending.size > 0 && !this.#listener.signal.aborted) {
        const isTold = await this.#rest(woken);
        this.#checkRedis();
        if (this.#goneSince === null) await this.#look(isTold ? [...this.#told] : [...this.#pending.keys()]);
      }
      if (this.#listener.signal.aborted) await this.#withdraw();
    } finally {
      this.#events.off('completed', onEnd);
      this.#events.off('failed', onEnd);
    }
  }

  /** Waits until a job ends, or for a while; true where one has ended. */
  #rest(woken: { wake: () => void }): Promise<boolean> {
    if (this.#told.size > 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), LOOK_MS);
      const onAbort = (): void => woken.wake();
      this.#listener.signal.addEventListener('abort', onAbort, { once: true });
      woken.wake = () => {
        clearTimeout(timer);
        this.#listener.signal.removeEventListener('abort', onAbort);
        resolve(this.#told.size > 0);
      };
    });
  }

  /** Takes in what has ended of these, and sends what the queue does not know. */
  async #look(ids: readonly string[]): Promise<void> {
    await this.#tellRefusals();
    for (const id of ids) {
      const order = this.#pending.get(id);
      this.#told.delete(id);
      if (!order || this.#goneSince !== null || this.#listener.signal.aborted) continue;
      const facts = { version, model: await modelOf(order.request) };
      const seen = await this.#unlessGone(sight(this.#queue, order, facts));
      if (seen && seen.state !== 'under way') await this.#take(order, seen.state, seen.job);
    }
  }

  /** Undefined where Redis goes away meanwhile: its commands would wait for it. */
  async #unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
    work.catch(() => undefined);
    let onClose = (): void => undefined;
    const gone = new Promise<undefined>((resolve) => (onClose = () => resolve(undefined)));
    this.#redis.once('close', onClose);
    try {
      return await Promise.race([work, gone]);
    } finally {
      this.#redis.off('close', onClose);
    }
  }

  async #take(order: Order, state: 'completed' | 'failed', job: SentJob): Promise<void> {
    this.#pending.delete(jobId(order));
    if (state === 'completed') {
      const stamps = stampsOf(job);
      if (stamps) this.#stamps.push(stamps);
      this.#listener.onOutcome(order, job.returnvalue.outcome);
      return;
    }
    // Forgotten, so that a later run tries it again.
    await this.#unlessGone(job.remove());
    this.#listener.onLost({ order, reason: job.failedReason });
  }

  async #tellRefusals(): Promise<void> {
    const refused = await this.#unlessGone(this.#redis.hgetall(REFUSED));
    for (const [worker, reason] of Object.entries(refused ?? {})) {
      process.stderr.write(`refused: worker '${worker}': ${reason}\n`);
      await this.#unlessGone(this.#redis.hdel(REFUSED, worker));
    }
  }

  #checkRedis(): void {
    if (this.#goneSince === null || performance.now() - this.#goneSince < MOST_GONE_MS) return;
    throw new JepilotError(
      'io',
      `Redis at ${shown(this.#address)} is gone for ${MOST_GONE_MS / 1000} s; what was played is kept: run the same command again`,
    );
  }

  /** Takes back what no worker has begun. */
  async #withdraw(): Promise<void> {
    for (const id of this.#pending.keys()) {
      if (this.#goneSince !== null) return;
      // A job that is being played is locked, and stays: its result waits in Redis for the next run.
      await this.#unlessGone(this.#queue.remove(id));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#goneSince === null) {
      await this.#events.close();
      await this.#queue.close();
    }
    this.#listening.disconnect();
    this.#redis.disconnect();
  }
}

import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { JepilotError } from '../../errors.ts';
import { canonicalJson } from '../../spec.ts';
import { Crew, OrderError } from '../eval/crew.ts';
import { settleCell } from '../eval/settle.ts';
import { version } from '../version.ts';
import { QUEUE, REFUSED, type JobData, type JobResult } from './protocol.ts';
import { connectRedis } from './redis.ts';

/** Milliseconds without a sign of life after which a worker's job goes to another one. */
const LOCK_MS = 15_000;
/** Milliseconds between two looks for jobs of dead workers. */
const STALLED_MS = 5_000;
/** Dead workers that one job survives. */
const MOST_STALLED = 3;

export interface WorkerOptions {
  readonly address: string;
  readonly name: string;
  /** Orders at once; each has a process of its own. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onPlayed: (count: number) => void;
}

/** Why this machine must not play a job, or null: its numbers would be another version's or another model's. */
async function refusal({ order, version: planned, model }: JobData): Promise<string | null> {
  if (planned !== version) return `it runs version ${version}; the suite was planned by ${planned}`;
  const { cell, id } = await settleCell(order.request);
  if (model && cell.model?.checksum !== model.checksum) {
    const [here, there] = [cell.model?.checksum.slice(0, 12) ?? 'none', model.checksum.slice(0, 12)];
    return `its model '${model.name}' has the checksum ${here}; the suite was planned with ${there}`;
  }
  if (order.kind === 'play' && id !== order.cell) return `it settles cell ${order.cell} as ${id}`;
  return null;
}

/** Remembers the answer for each combination, of which there are few. */
function memorised(): (data: JobData) => Promise<string | null> {
  const known = new Map<string, Promise<string | null>>();
  return (data) => {
    const { order, version: planned, model } = data;
    const key = canonicalJson([order.request, order.kind === 'play' ? order.cell : null, planned, model]);
    const found = known.get(key) ?? refusal(data);
    known.set(key, found);
    return found;
  };
}

/** Gives the job back to the queue, for others, and leaves word of why. */
async function giveBack(job: Job, token: string | undefined, redis: Redis, name: string, reason: string) {
  await redis.hset(REFUSED, name, reason);
  await job.moveToDelayed(Date.now() + 1000, token);
}

/**
 * Plays what the queue holds until `signal` aborts; what is in hand is finished. Throws JepilotError('bad-state') as soon
 * as this machine's version or model differs from a suite's, and JepilotError('io') where Redis can't be reached.
 */
export async function serveQueue({ address, name, jobs, signal, onPlayed }: WorkerOptions): Promise<void> {
  const redis = await connectRedis(address);
  const refusing = memorised();
  let refused: string | null = null;
  let played = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  signal.addEventListener('abort', () => end(), { once: true });
  await using crew = new Crew({
    jobs,
    signal,
    onOutcome: () => undefined,
    onLost: () => undefined,
  });
  const process = async (job: Job<JobData, JobResult>, token?: string): Promise<JobResult> => {
    const reason = refused ?? (await refusing(job.data));
    if (reason !== null) {
      refused = reason;
      await giveBack(job, token, redis, name, reason);
      end();
      throw new DelayedError();
    }
    try {
      const outcome = await crew.carryOut(job.data.order);
      onPlayed(++played);
      return { outcome, worker: name };
    } catch (error) {
      const isFinal = error instanceof OrderError && error.during === 'open';
      throw isFinal ? new UnrecoverableError(error.message) : error;
    }
  };
  const connection = redis.duplicate();
  connection.on('error', () => undefined);
  const worker = new Worker<JobData, JobResult>(QUEUE, process, {
    connection,
    name,
    concurrency: jobs,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_MS,
    maxStalledCount: MOST_STALLED,
  });
  worker.on('error', () => undefined);
  try {
    await ended;
  } finally {
    await worker.close();
    connection.disconnect();
    redis.disconnect();
  }
  const reason = refused as string | null;
  if (reason !== null) throw new JepilotError('bad-state', `worker '${name}' is refused: ${reason}`);
}

import { Worker } from 'node:worker_threads';
import { fromErrorData, type ErrorData } from '../errors.ts';
import { workerEntry } from './workers/entry.ts';

/** What every pool worker is started with: its own data, and a queue of indices that all of them share. */
export interface PoolData<T> {
  readonly data: T;
  readonly queue: readonly number[];
  /** [next position in the queue, stop flag]. */
  readonly shared: Int32Array;
}

export type PoolMessage<R> = { readonly index: number; readonly result: R } | { readonly error: ErrorData };

export interface PoolRun<T, R> {
  /** A file in `workers/`, without its ending. */
  readonly entry: string;
  readonly data: T;
  readonly queue: readonly number[];
  readonly jobs: number;
  /** Aborting lets each worker finish what is in its hands. */
  readonly signal: AbortSignal;
  readonly onResult: (index: number, result: R) => void;
}

/** Works through the queue on `jobs` threads; results arrive in any order. The first failure stops all of them. */
export async function runPool<T, R>(run: PoolRun<T, R>): Promise<void> {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const stop = () => Atomics.store(shared, 1, 1);
  run.signal.addEventListener('abort', stop);
  const workers = Array.from({ length: Math.min(run.jobs, run.queue.length) }, () =>
    runWorker(run, shared).catch((error: unknown) => {
      stop();
      throw error;
    }),
  );
  try {
    const settled = await Promise.allSettled(workers);
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
}

const runWorker = <T, R>(
  { entry, data, queue, onResult }: PoolRun<T, R>,
  shared: Int32Array,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const workerData: PoolData<T> = { data, queue, shared };
    const worker = new Worker(workerEntry(entry), { workerData, execArgv: [] });
    worker.on('message', (message: PoolMessage<R>) => {
      if ('error' in message) reject(fromErrorData(message.error));
      else onResult(message.index, message.result);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a '${entry}' worker ended with code ${code}`));
    });
  });

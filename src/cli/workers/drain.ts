import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../errors.ts';
import type { PoolData, PoolMessage } from '../pool.ts';

/** What a pool worker does with its data: opens once, then works on one index after another. */
export interface Work<R> {
  run(index: number): Promise<R>;
  close?(): Promise<void>;
}

/** Takes indices from the shared queue until it is empty or the stop flag is up; one message per result. */
export async function drain<T, R>(open: (data: T) => Promise<Work<R>>): Promise<void> {
  const { data, queue, shared } = workerData as PoolData<T>;
  const post = (message: PoolMessage<R>) => parentPort!.postMessage(message);
  let work: Work<R> | undefined;
  try {
    work = await open(data);
    while (Atomics.load(shared, 1) === 0) {
      const index = queue[Atomics.add(shared, 0, 1)];
      if (index === undefined) break;
      post({ index, result: await work.run(index) });
    }
  } catch (error) {
    post({ error: toErrorData(error) });
  } finally {
    await work?.close?.();
  }
}

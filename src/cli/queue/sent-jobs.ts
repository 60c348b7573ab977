import type { Job, Queue } from 'bullmq';
import type { Order } from '../eval/orders.ts';
import { jobId, type JobData, type JobResult } from './protocol.ts';

/** Attempts, with back-off between them, and how long Redis keeps what came of them (seconds). */
const JOB_OPTIONS = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: { age: 86_400 },
  removeOnFail: { age: 86_400 },
} as const;

export type SentJob = Job<JobData, JobResult>;

/** What the queue knows of a job that somebody waits for. */
export type Sighting =
  | { readonly state: 'completed'; readonly job: SentJob }
  | { readonly state: 'failed'; readonly job: SentJob }
  | { readonly state: 'under way' };

/** Looks a job up, and adds it where it is not there: never sent, or forgotten by a Redis that was started anew. */
export async function sight(
  queue: Queue<JobData, JobResult>,
  order: Order,
  facts: Omit<JobData, 'order'>,
): Promise<Sighting> {
  const id = jobId(order);
  const job = (await queue.getJob(id)) as SentJob | undefined;
  if (!job) {
    await queue.add('order', { order, ...facts }, { ...JOB_OPTIONS, jobId: id });
    return { state: 'under way' };
  }
  const state = await job.getState();
  return state === 'completed' || state === 'failed' ? { state, job } : { state: 'under way' };
}

import { hashSpec } from '../../spec.ts';
import type { Order, Outcome } from '../eval/orders.ts';

/** The one queue that all suites share; jobs say everything that a worker has to know. */
export const QUEUE = 'jepilot-eval';

/** Redis hash of refused workers: name to reason. */
export const REFUSED = 'jepilot-eval-refused';

export interface JobData {
  readonly order: Order;
  /** Of whoever planned the suite. */
  readonly version: string;
  /** Model and the checksum of its manifest; null without a model. */
  readonly model: { readonly name: string; readonly checksum: string } | null;
}

export interface JobResult {
  readonly outcome: Outcome;
  readonly worker: string;
}

/** An order's name in the queue: adding it twice is adding it once. */
export const jobId = (order: Order): string => hashSpec(order);

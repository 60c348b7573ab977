import type { QueueOverhead } from '../../evaluation/timings-file.ts';
import type { Order, Outcome } from './orders.ts';

/** An order that no attempt carried out. */
export interface Lost {
  readonly order: Order;
  /** Why the last attempt failed. */
  readonly reason: string;
}

/** What whoever gives orders wants to hear of them. */
export interface Listener {
  /** Aborting lets what was begun end. */
  readonly signal: AbortSignal;
  /** A throw ends the run. */
  readonly onOutcome: (order: Order, outcome: Outcome) => void;
  readonly onLost: (lost: Lost) => void;
}

/** Who carries out orders: processes of this machine, or workers behind a queue. */
export interface Backend extends AsyncDisposable {
  /** Carries out all orders, or those begun before an abort. Throws what makes going on useless. */
  run(orders: readonly Order[]): Promise<void>;
  /** Of a queue, where there is one. */
  readonly overhead?: QueueOverhead;
}

export type OpenBackend = (listener: Listener) => Promise<Backend>;

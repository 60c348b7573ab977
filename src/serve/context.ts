import type { Observable } from 'rxjs';
import type { ServeEvent, StampedEvent } from './events.ts';
import type { Sessions } from './sessions.ts';

/** What the server allows; from the command line. */
export interface ServeLimits {
  /** Planning sessions at once. */
  readonly sessions: number;
  /** Sockets at once, viewers included. */
  readonly connections: number;
  /** Upgrades a second from one address, on average; bursts may have twice as many. */
  readonly upgradesPerSecond: number;
  /** Bytes that may wait in a socket's buffer before its peer counts as a slow reader. */
  readonly bufferedBytes: number;
  /** Iterations that a request may ask for, as a multiple of the model's own. */
  readonly iterationsFactor: number;
}

/** What the server gives to its protocols. */
export interface ServeContext {
  readonly version: string;
  readonly sessions: Sessions;
  readonly limits: ServeLimits;
  /** Monotonic seconds: the `time` of every event. */
  readonly now: () => number;
  /** All that happens on the server. Hot, never errors; a slow subscriber must drop for itself. */
  readonly event$: Observable<StampedEvent>;
  /** Tells everybody who watches: logs, metrics, viewers, recorders. */
  emit(event: ServeEvent): void;
  /** Aborted when the server begins to shut down. */
  readonly closing: AbortSignal;
}

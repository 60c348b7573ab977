import type { Observable } from 'rxjs';

/** How a channel ended. */
export interface ChannelEnd {
  /** A WebSocket close code; 1006 where the other end just vanished. */
  readonly code: number;
  readonly reason: string;
}

/** Carries binary frames both ways, in order; one per connection. Over a WebSocket, or between two ends in a test. */
export interface Channel {
  /** Hot. Completes when the channel ends. */
  readonly frame$: Observable<Uint8Array>;
  /** Resolves when the channel has ended; never rejects. */
  readonly ended: Promise<ChannelEnd>;
  /** Bytes that wait to be written. */
  readonly buffered: number;
  /** Does nothing once the channel has ended. */
  send(frame: Uint8Array): void;
  close(code: number, reason: string): void;
}

/** Monotonic seconds, and beats of them. Passed in, so that tests run in virtual time. */
export interface Pulse {
  now(): number;
  /** Emits after every `period` seconds. */
  every(period: number): Observable<unknown>;
}

import type { Pulse } from '../../wire/channel.ts';
import type { Unsent } from '../../wire/robot-messages.ts';
import type { RobotPeer } from '../../wire/robot-peer.ts';

interface Waiting {
  readonly chunk: Unsent;
  readonly sent: () => void;
}

/**
 * Hands chunks out: at most one waits, while the peer does not read, and a newer one takes its place. Numbers are given
 * when a chunk leaves, so what waits never looks older than a beat that left before it.
 */
export class ChunkDesk {
  readonly #peer: RobotPeer;
  readonly #pulse: Pulse;
  readonly #bufferedBytes: number;
  readonly #onReplaced: () => void;
  #waiting: Waiting | null = null;
  #unacknowledged: { readonly seq: number; readonly at: number } | null = null;

  /** @param bufferedBytes - that may wait to be written before a chunk waits too */
  constructor(peer: RobotPeer, pulse: Pulse, bufferedBytes: number, onReplaced: () => void) {
    this.#peer = peer;
    this.#pulse = pulse;
    this.#bufferedBytes = bufferedBytes;
    this.#onReplaced = onReplaced;
  }

  /** Seconds that the oldest chunk has waited for its acknowledgement. */
  get deaf(): number {
    return this.#unacknowledged ? this.#pulse.now() - this.#unacknowledged.at : 0;
  }

  /** @param sent - called when it leaves */
  deliver(chunk: Unsent, sent: () => void): void {
    if (this.#waiting) this.#onReplaced();
    this.#waiting = { chunk, sent };
    this.flush();
  }

  /** Tries again to write what waits. */
  flush(): void {
    if (!this.#waiting || this.#peer.channel.buffered > this.#bufferedBytes) return;
    const { chunk, sent } = this.#waiting;
    this.#waiting = null;
    const seq = this.#peer.send(chunk);
    this.#unacknowledged ??= { seq, at: this.#pulse.now() };
    sent();
  }

  acknowledged(seq: number): void {
    if (this.#unacknowledged && seq >= this.#unacknowledged.seq) this.#unacknowledged = null;
  }
}

import type { ByteSink } from '#src/record/mcap/byte-sink.js';

/** A file in memory; it may fail from some number of bytes on, or take its time. */
export class MemorySink implements ByteSink {
  bytes = Buffer.alloc(0);
  syncs = 0;
  closed = false;
  readonly #room: number;
  readonly #gate: Promise<void>;

  constructor(room = Infinity, gate: Promise<void> = Promise.resolve()) {
    this.#room = room;
    this.#gate = gate;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#gate;
    const taken = bytes.subarray(0, Math.max(0, this.#room - this.bytes.length));
    this.bytes = Buffer.concat([this.bytes, taken]);
    if (taken.length < bytes.length) throw new Error('ENOSPC: no space left on device, write');
  }

  async sync(): Promise<void> {
    this.syncs += 1;
  }

  async truncate(length: number): Promise<void> {
    this.bytes = this.bytes.subarray(0, length);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

import type { WebSocket } from 'ws';

/** Messages that may wait for one viewer. */
const MAXIMUM_WAITING = 256;
/** Bytes in a socket's buffer above which messages wait here, where the oldest can still be left out. */
const BUFFERED_BYTES = 256 * 1024;
/** Seconds between notes to a viewer that messages were left out. */
const NOTE_SECONDS = 1;

/** One socket of a viewer. A slow one loses its oldest messages, and never holds up the server. */
export class FoxgloveViewer {
  /** Subscription by channel. */
  readonly subscriptions = new Map<number, number>();
  /** Wants to hear of changed parameters; empty for all. Null for none. */
  parameterNames: readonly string[] | null = null;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #waiting: (() => Promise<Uint8Array>)[] = [];
  #sending = false;
  #dropped = 0;
  #notedAt = -Infinity;

  constructor(socket: WebSocket, now: () => number) {
    this.#socket = socket;
    this.#now = now;
  }

  /** Messages left out so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Control messages are few and never left out. */
  tell(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Queues a message; its bytes are made only when its turn comes. */
  show(frame: () => Promise<Uint8Array>): void {
    this.#waiting.push(frame);
    if (this.#waiting.length > MAXIMUM_WAITING) {
      this.#waiting.shift();
      this.#dropped += 1;
      this.#note();
    }
    if (!this.#sending) void this.#send();
  }

  close(): void {
    this.#waiting.length = 0;
  }

  async #send(): Promise<void> {
    this.#sending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const frame = await next();
      if (this.#socket.readyState !== this.#socket.OPEN) break;
      await this.#written(frame);
    }
    this.#sending = false;
  }

  /** Resolves at once while the socket's buffer has room, else when this frame has left it. */
  #written(frame: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.send(frame, { binary: true }, () => resolve());
      if (this.#socket.bufferedAmount < BUFFERED_BYTES) resolve();
    });
  }

  #note(): void {
    const now = this.#now();
    if (now - this.#notedAt < NOTE_SECONDS) return;
    this.#notedAt = now;
    this.tell({
      op: 'status',
      level: 1,
      message: `this viewer is too slow: ${this.#dropped} messages left out`,
    });
  }
}

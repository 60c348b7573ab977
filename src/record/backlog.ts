import { importanceOf, type Importance } from './feed/channels.ts';
import { sizeOf, type FeedMessage } from './feed/message.ts';

/** How many messages of each kind were left out because there was no room for them. */
export type Dropped = Readonly<Record<Exclude<Importance, 'event'>, number>>;

const expendable = ['image', 'data'] as const;

/**
 * Messages that wait for the disk, bounded in memory. Where they are too many, the oldest pictures go first, then the
 * oldest data; events are never left out.
 */
export class Backlog {
  readonly #limit: number;
  #waiting: FeedMessage[] = [];
  #size = 0;
  #dropped = { image: 0, data: 0 };

  /** @param limit - bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#waiting.length;
  }

  get dropped(): Dropped {
    return this.#dropped;
  }

  push(message: FeedMessage): void {
    this.#waiting.push(message);
    this.#size += sizeOf(message);
    if (message.kind === 'event') return; // it makes room for nothing, so that it may tell what was left out
    for (const importance of expendable) if (this.#size > this.#limit) this.#shed(importance);
  }

  /** The oldest one; undefined for none. */
  shift(): FeedMessage | undefined {
    const message = this.#waiting.shift();
    if (message) this.#size -= sizeOf(message);
    return message;
  }

  clear(): void {
    this.#waiting = [];
    this.#size = 0;
  }

  /** Makes room: down to three quarters of the limit, so that not every push has to look through all. */
  #shed(importance: keyof Dropped): void {
    const wanted = 0.75 * this.#limit;
    this.#waiting = this.#waiting.filter((message) => {
      if (this.#size <= wanted || importanceOf(message.kind) !== importance) return true;
      this.#size -= sizeOf(message);
      this.#dropped[importance] += 1;
      return false;
    });
  }
}

/**
 * One job at a time, and the newest item next: what came while a job ran and was overtaken is displaced. A running job is
 * always finished.
 */
export class NewestFirst<T> {
  readonly #work: (item: T) => Promise<void>;
  readonly #onDisplaced: (item: T) => void;
  #waiting: T | null = null;
  #running = false;

  /** @param work - must not reject */
  constructor(work: (item: T) => Promise<void>, onDisplaced: (item: T) => void) {
    this.#work = work;
    this.#onDisplaced = onDisplaced;
  }

  offer(item: T): void {
    if (this.#waiting !== null) this.#onDisplaced(this.#waiting);
    this.#waiting = item;
    if (!this.#running) void this.#run();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = null;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting !== null) {
      const item = this.#waiting;
      this.#waiting = null;
      await this.#work(item);
    }
    this.#running = false;
  }
}

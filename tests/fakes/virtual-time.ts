import { Observable } from 'rxjs';
import type { Clock, ClockTick } from '../../src/control/clock.ts';
import type { Pulse } from '../../src/wire/channel.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when it is told to, and lets promises settle between any two events. */
export class VirtualTime implements Pulse, Clock {
  #now = 0;
  #count = 0;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  /** Runs something after some seconds; returns what cancels it. */
  after(seconds: number, run: () => void): () => void {
    const due = { at: this.#now + seconds, order: this.#count++, run };
    this.#due.push(due);
    return () => (this.#due = this.#due.filter((other) => other !== due));
  }

  every(period: number): Observable<unknown> {
    return this.ticks$(period, period);
  }

  ticks$(period: number, first = 0): Observable<ClockTick> {
    return new Observable((subscriber) => {
      let cancel = (): void => undefined;
      const schedule = (index: number, wait: number): void => {
        cancel = this.after(wait, () => {
          subscriber.next({ index, due: this.#now, lateness: 0, skipped: 0 });
          if (!subscriber.closed) schedule(index + 1, period);
        });
      };
      schedule(0, first);
      return () => cancel();
    });
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(seconds, resolve));
  }

  /** Lets `seconds` pass. */
  async pass(seconds: number): Promise<void> {
    const end = this.#now + seconds;
    await settle();
    for (;;) {
      const next = this.#due.reduce<Due | null>(
        (a, b) => (!a || b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a),
        null,
      );
      if (!next || next.at > end) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#now = next.at;
      next.run();
      await settle();
    }
    this.#now = end;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

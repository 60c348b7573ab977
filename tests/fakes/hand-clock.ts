import { Observable } from 'rxjs';
import type { Clock, ClockTick } from '../../src/control/clock.ts';

interface Beat {
  readonly period: number;
  due: number;
  index: number;
  give(tick: ClockTick): void;
}

/** A clock that stands still until a test moves it; every beat due meanwhile is given, in order. */
export class HandClock implements Clock {
  #now = 100;
  readonly #beats = new Set<Beat>();

  now(): number {
    return this.#now;
  }

  ticks$(period: number): Observable<ClockTick> {
    return new Observable((subscriber) => {
      const beat: Beat = { period, due: this.#now, index: 0, give: (tick) => subscriber.next(tick) };
      this.#beats.add(beat);
      return () => this.#beats.delete(beat);
    });
  }

  advance(seconds: number): void {
    const end = this.#now + seconds;
    for (;;) {
      const [next] = [...this.#beats].sort((a, b) => a.due - b.due);
      if (!next || next.due > end) break;
      this.#now = Math.max(this.#now, next.due);
      const { due, index } = next;
      next.due += next.period;
      next.index += 1;
      next.give({ index, due, lateness: 0, skipped: 0 });
    }
    this.#now = end;
  }
}

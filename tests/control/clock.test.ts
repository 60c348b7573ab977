import { TestScheduler } from 'rxjs/testing';
import { take, toArray, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { realClock, virtualClock, type ClockTick, type Timers } from '../../src/control/clock.ts';

/** Timers whose time moves only when told to. Wakes `late` seconds after the due time. */
class HandTimers implements Timers {
  late = 0;
  #now = 100;
  #waiting: { due: number; callback: () => void } | null = null;

  now(): number {
    return this.#now;
  }

  at(due: number, callback: () => void): () => void {
    const entry = { due, callback };
    this.#waiting = entry;
    return () => {
      if (this.#waiting === entry) this.#waiting = null;
    };
  }

  get idle(): boolean {
    return this.#waiting === null;
  }

  /** Lets the next callback come. */
  wake(): void {
    const entry = this.#waiting!;
    this.#waiting = null;
    this.#now = Math.max(this.#now, entry.due + this.late);
    entry.callback();
  }

  /** Keeps the thread busy. */
  block(seconds: number): void {
    this.#now += seconds;
  }
}

function watch(period: number) {
  const timers = new HandTimers();
  const ticks: ClockTick[] = [];
  const subscription = realClock(timers)
    .ticks$(period)
    .subscribe((tick) => ticks.push(tick));
  return { timers, ticks, subscription };
}

describe('realClock', () => {
  it('keeps to its grid, however late each tick comes', () => {
    const { timers, ticks } = watch(0.1);
    timers.late = 0.003;
    for (let i = 0; i < 4; i++) timers.wake();
    expect(ticks.map((tick) => tick.index)).toEqual([0, 1, 2, 3]);
    ticks.forEach((tick, i) => {
      expect(tick.due).toBeCloseTo(100 + 0.1 * i, 9);
      expect(tick.lateness).toBeCloseTo(0.003, 9);
      expect(tick.skipped).toBe(0);
    });
  });

  it('skips the ticks that it was blocked past, and says how many', () => {
    const { timers, ticks } = watch(0.1);
    timers.wake();
    timers.block(0.33);
    // The overdue timer finds beat 3 in its place, which comes at once.
    timers.wake();
    expect(ticks).toHaveLength(1);
    timers.wake();
    expect(ticks[1]).toMatchObject({ index: 3, skipped: 2 });
    expect(ticks[1]!.lateness).toBeCloseTo(0.03, 9);
    timers.wake();
    expect(ticks[2]).toMatchObject({ index: 4, skipped: 0 });
  });

  it('never bunches: a tick more than half a period late waits for the next beat', () => {
    const { timers, ticks } = watch(0.1);
    timers.wake();
    timers.block(0.27);
    timers.wake();
    expect(ticks).toHaveLength(1);
    timers.wake();
    expect(ticks[1]).toMatchObject({ index: 3, skipped: 2, lateness: 0 });
  });

  it('leaves no timer behind', () => {
    const { timers, ticks, subscription } = watch(0.1);
    timers.wake();
    subscription.unsubscribe();
    expect(timers.idle).toBe(true);
    expect(ticks).toHaveLength(1);
  });

  it('runs on the timers of Node: in order, and never early', async () => {
    const clock = realClock();
    const before = clock.now();
    const ticks = await lastValueFrom(clock.ticks$(0.004).pipe(take(5), toArray()));
    expect(ticks.every((tick, i) => i === 0 || tick.index > ticks[i - 1]!.index)).toBe(true);
    expect(ticks.every((tick) => tick.lateness >= 0 && tick.due >= before)).toBe(true);
  });
});

describe('virtualClock', () => {
  it('ticks by its scheduler', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ expectObservable }) => {
      const tickAt = (index: number) => ({ index, due: index / 100, lateness: 0, skipped: 0 });
      const expected = { a: tickAt(0), b: tickAt(1), c: tickAt(2) };
      expectObservable(virtualClock(scheduler).ticks$(0.01), '25ms !').toBe('a 9ms b 9ms c', expected);
    });
  });
});

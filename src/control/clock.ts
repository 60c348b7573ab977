import { map, Observable, timer, type SchedulerLike } from 'rxjs';

/** One beat of a clock. */
export interface ClockTick {
  /** Counts periods since the first tick; a gap means skipped ticks. */
  readonly index: number;
  /** Seconds, by the clock's `now()`. */
  readonly due: number;
  /** Seconds from `due` until the tick was given. */
  readonly lateness: number;
  /** Ticks left out since the one before, because the thread was blocked past them. */
  readonly skipped: number;
}

/** Where time comes from. Passed in, so that a run can be driven by virtual time. */
export interface Clock {
  /** Monotonic seconds. */
  now(): number;
  /** One tick every `period` seconds, the first at once, on a schedule that does not drift. */
  ticks$(period: number): Observable<ClockTick>;
}

/** The two things that a real-time clock needs of its platform. */
export interface Timers {
  /** Monotonic seconds. */
  now(): number;
  /** Calls back, never synchronously, as soon as `now()` reaches `due`; returns what cancels it. */
  at(due: number, callback: () => void): () => void;
}

/** A timer wakes up to a millisecond or so late, so it is set this early (seconds) and the rest is spun away. */
const margin = 0.0015;

const seconds = (): number => performance.now() / 1000;

const nodeTimers: Timers = {
  now: seconds,
  at(due, callback) {
    let immediate: NodeJS.Immediate | undefined;
    const spin = () => {
      if (seconds() >= due) callback();
      else immediate = setImmediate(spin);
    };
    const timeout = setTimeout(spin, Math.max(0, due - seconds() - margin) * 1000);
    return () => {
      clearTimeout(timeout);
      clearImmediate(immediate);
    };
  },
};

/**
 * Real time. Due times lie on a grid from the first tick. A tick that would come more than half a period late is
 * skipped and reported by the next one, so ticks are never bunched: two are always at least half a period apart.
 */
export const realClock = (timers: Timers = nodeTimers): Clock => ({
  now: () => timers.now(),
  ticks$: (period) =>
    new Observable((subscriber) => {
      const start = timers.now();
      let cancel: () => void;
      const schedule = (index: number, skipped: number) => {
        const due = start + index * period;
        cancel = timers.at(due, () => {
          const overdue = Math.max(index, Math.ceil((timers.now() - start) / period - 0.5));
          if (overdue > index) schedule(overdue, skipped + overdue - index);
          else give(index, due, skipped);
        });
      };
      const give = (index: number, due: number, skipped: number) => {
        subscriber.next({ index, due, lateness: Math.max(0, timers.now() - due), skipped });
        if (!subscriber.closed) schedule(index + 1, 0);
      };
      schedule(0, 0);
      return () => cancel();
    }),
});

/** Time as a scheduler tells it (milliseconds there, seconds here): never late. For tests. */
export const virtualClock = (scheduler: SchedulerLike): Clock => ({
  now: () => scheduler.now() / 1000,
  ticks$: (period) =>
    timer(0, period * 1000, scheduler).pipe(
      map((index) => ({ index, due: scheduler.now() / 1000, lateness: 0, skipped: 0 })),
    ),
});

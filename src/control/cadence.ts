import { quantile } from 'simple-statistics';
import type { Plan } from '../planning/plan.ts';
import type { ClockTick } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Tick } from './tick.ts';

/** Of one series; null in place of a series that is empty. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The way from a request to its plan: waiting for a turn, encoding, searching, and all else that lies between. */
export type PlanParts = Readonly<Record<'queue' | 'encode' | 'search' | 'link', Quantiles | null>>;

/** How well a run kept time. */
export interface CadenceReport {
  readonly targetHz: number;
  /** Ticks sent per second, between the first and the last one; null below two ticks. */
  readonly achievedHz: number | null;
  /** From when a tick was due until it was given. */
  readonly latenessMs: Quantiles | null;
  /** Ticks later than 5 ms, or than 20 % of the period where that is less. */
  readonly lateTicks: number;
  /** Ticks never given, because the thread was blocked past them. */
  readonly skippedTicks: number;
  /** Whole plans, by the policy's own account. */
  readonly planMs: Quantiles | null;
  /** Where the time of plans went. */
  readonly partsMs: PlanParts;
  /** From the observation that a plan was made from to the tick that ran on it, in control periods. */
  readonly observationAgeMs: Quantiles | null;
  readonly counters: Counters;
}

/** Seconds after which a tick counts as late. */
export const lateAfter = (period: number): number => Math.min(0.005, 0.2 * period);

/** Quantiles of `values`, or null if there are none. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const [p50 = NaN, p95 = NaN, p99 = NaN, max = NaN] = quantile([...values], [0.5, 0.95, 0.99, 1]);
  return { p50, p95, p99, max };
}

/** Collects what a report needs while a run goes on: three numbers a tick, one a plan. */
export class CadenceLog {
  /** Seconds. */
  readonly #period: number;
  readonly #latenesses: number[] = [];
  readonly #ages: number[] = [];
  readonly #planMs: number[] = [];
  readonly #partsMs: Record<keyof PlanParts, number[]> = { queue: [], encode: [], search: [], link: [] };
  readonly #sentAt: number[] = [];
  #skipped = 0;

  /** @param period - seconds per control step */
  constructor(period: number) {
    this.#period = period;
  }

  /** Takes in a tick that a clock gave; the hold that ends a run comes without a clock and keeps no time. */
  tick(tick: Tick, clock: ClockTick): void {
    this.#sentAt.push(tick.time);
    this.#latenesses.push(clock.lateness);
    this.#skipped += clock.skipped;
    if (tick.age !== null) this.#ages.push(tick.age);
  }

  /** @param waited - seconds from the request to the plan, where they are known */
  plan({ evidence }: Plan, waited: number | null): void {
    const { totalMs, encodeMs, searchMs, queueMs } = evidence;
    this.#planMs.push(totalMs);
    this.#partsMs.encode.push(encodeMs);
    this.#partsMs.search.push(searchMs);
    if (queueMs !== undefined) this.#partsMs.queue.push(queueMs);
    if (waited !== null) this.#partsMs.link.push(Math.max(0, 1000 * waited - totalMs - (queueMs ?? 0)));
  }

  report(counters: Counters): CadenceReport {
    const late = lateAfter(this.#period);
    return {
      targetHz: 1 / this.#period,
      achievedHz: this.#achievedHz(),
      latenessMs: quantilesOf(this.#latenesses.map((lateness) => lateness * 1000)),
      lateTicks: this.#latenesses.filter((lateness) => lateness > late).length,
      skippedTicks: this.#skipped,
      planMs: quantilesOf(this.#planMs),
      partsMs: {
        queue: quantilesOf(this.#partsMs.queue),
        encode: quantilesOf(this.#partsMs.encode),
        search: quantilesOf(this.#partsMs.search),
        link: quantilesOf(this.#partsMs.link),
      },
      observationAgeMs: quantilesOf(this.#ages.map((age) => age * this.#period * 1000)),
      counters,
    };
  }

  #achievedHz(): number | null {
    const first = this.#sentAt[0];
    const last = this.#sentAt.at(-1);
    if (first === undefined || last === undefined || last <= first) return null;
    return (this.#sentAt.length - 1) / (last - first);
  }
}

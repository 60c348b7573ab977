import { readable } from './outcome.ts';
import type { RunTrace } from './run-record.ts';

/** What the bar shows at each frame: a number and how full, [0, 1]. */
export interface Gauge {
  readonly name: string;
  at(step: number): { text: string; level: number } | null;
}

/** The model's predicted time to go where it has one, else the true distance. */
export function gaugeOf(run: RunTrace): Gauge {
  const known = run.plans.filter((plan) => plan.evidence.timeToGo !== null);
  const most = (values: readonly number[]): number => Math.max(1e-9, ...values.filter(Number.isFinite));
  if (known.length > 0) {
    const top = most(known.map((plan) => plan.evidence.timeToGo!));
    return {
      name: 'TIME TO GO',
      at(step) {
        const value = known.findLast((plan) => plan.step <= step)?.evidence.timeToGo;
        return value === undefined || value === null
          ? null
          : { text: `${Math.max(0, Math.round(value))} STEPS`, level: value / top };
      },
    };
  }
  const top = most(run.distances);
  return {
    name: 'DISTANCE',
    at(step) {
      const value = run.distances[Math.min(step, run.distances.length - 1)];
      return value === undefined ? null : { text: readable(value), level: value / top };
    },
  };
}

import { quantileSorted, sampleWithReplacement } from 'simple-statistics';
import type { Rng } from '../rng.ts';

export interface BootstrapInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Resamples that a percentile interval is read from. */
const RESAMPLES = 2000;

/**
 * Percentile bootstrap (B. Efron, 1979): 95 % interval of a statistic over samples drawn from the sample itself. Chance
 * comes from `rng`, so a seed means an interval. Null for an empty sample.
 */
export function bootstrap(
  sample: readonly number[],
  statistic: (values: readonly number[]) => number,
  rng: Rng,
): BootstrapInterval | null {
  if (sample.length === 0) return null;
  const source = [...sample];
  const values = Array.from({ length: RESAMPLES }, () =>
    statistic(sampleWithReplacement(source, source.length, () => rng.uniform())),
  ).sort((a, b) => a - b);
  return {
    value: statistic(sample),
    low: quantileSorted(values, 0.025),
    high: quantileSorted(values, 0.975),
  };
}

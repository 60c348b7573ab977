import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import padjust from '@stdlib/stats-padjust';

/** 97.5 % point of the standard normal. */
const Z = 1.959963984540054;

/** Two outcomes for each of n episodes that began alike. */
export interface PairCounts {
  readonly both: number;
  /** Only the first one succeeded. */
  readonly first: number;
  /** Only the second one succeeded. */
  readonly second: number;
  readonly neither: number;
}

/** Counts pairs [first, second] of outcomes. */
export function countPairs(pairs: Iterable<readonly [boolean, boolean]>): PairCounts {
  const counts = { both: 0, first: 0, second: 0, neither: 0 };
  for (const [a, b] of pairs) counts[a ? (b ? 'both' : 'first') : b ? 'second' : 'neither']++;
  return counts;
}

/** Exact two-sided p of McNemar's test (Q. McNemar, 1947): the discordant pairs against a fair coin. */
export function mcnemar({ first, second }: PairCounts): number {
  const discordant = first + second;
  if (discordant === 0) return 1;
  return Math.min(1, 2 * binomialCdf(Math.min(first, second), discordant, 0.5));
}

/** One-sided exact p of "the first one is worse": how likely a fair coin gives it so few of the discordant pairs. */
export function mcnemarWorse({ first, second }: PairCounts): number {
  const discordant = first + second;
  return discordant === 0 ? 1 : binomialCdf(first, discordant, 0.5);
}

export interface Difference {
  /** Success rate of the first less that of the second. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Difference of paired success rates with its 95 % interval: Wald's on counts with a half more in each discordant cell
 * (Bonett and Price, 2012), recommended for paired proportions by Fagerland, Lydersen and Laake (2014).
 */
export function pairedDifference({ both, first, second, neither }: PairCounts): Difference {
  const n = both + first + second + neither;
  if (n === 0) return { difference: 0, low: -1, high: 1 };
  const [p, q] = [(first + 1) / (n + 2), (second + 1) / (n + 2)];
  const half = Z * Math.sqrt((p + q - (p - q) ** 2) / (n + 2));
  return {
    difference: (first - second) / n,
    low: Math.max(-1, p - q - half),
    high: Math.min(1, p - q + half),
  };
}

/** P values corrected for how many there are (S. Holm, 1979); the family-wise error stays below the level. */
export const holm = (p: readonly number[]): number[] =>
  p.length === 0 ? [] : Array.from(padjust([...p], 'holm') as ArrayLike<number>);

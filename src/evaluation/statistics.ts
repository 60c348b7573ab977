import { quantileSorted } from 'simple-statistics';

/** 97.5 % point of the standard normal. */
const Z = 1.959963984540054;

/** Wilson's 95 % score interval of a success rate (E. B. Wilson, 1927): stays within [0, 1] and works near the ends. */
export function wilson(successes: number, n: number): { rate: number; low: number; high: number } {
  if (n === 0) return { rate: 0, low: 0, high: 1 };
  const rate = successes / n;
  const z2 = Z * Z;
  const centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n * n));
  return { rate, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Quantiles by name, `p50` for 0.5; null for an empty sample. */
export function quantiles<K extends string>(
  sample: readonly number[],
  points: Readonly<Record<K, number>>,
): Record<K, number | null> {
  const sorted = [...sample].sort((a, b) => a - b);
  const at = (p: number) => (sorted.length === 0 ? null : quantileSorted(sorted, p));
  const entries = Object.entries<number>(points).map(([name, p]) => [name, at(p)] as const);
  return Object.fromEntries(entries) as Record<K, number | null>;
}

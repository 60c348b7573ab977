import gammaln from '@stdlib/math-base-special-gammaln';
import type { PairCounts } from './paired.ts';

/**
 * Evidence against "both are equally good" after any number of pairs: the discordant ones under a coin of unknown bias,
 * mixed by Beta(1/2, 1/2), over a fair coin. An e-process: whatever decides when to stop, the chance that it ever
 * exceeds 1/α where nothing differs is at most α (J. Ville, 1939; the mixture is H. Robbins's, 1970; Ramdas, Grünwald,
 * Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference", 2023).
 */
export function evidenceOfDifference({ first, second }: Pick<PairCounts, 'first' | 'second'>): number {
  const n = first + second;
  const beta = gammaln(first + 0.5) + gammaln(second + 0.5) - gammaln(n + 1);
  return Math.exp(beta - Math.log(Math.PI) + n * Math.LN2);
}

/** How sure a decision must be. */
export const ALPHA = 0.05;

export type Decision = 'first' | 'second' | 'open';

/** Which one is better, if that can be said with error `alpha` shared by `comparisons` tests (Bonferroni). */
export function decide(counts: PairCounts, comparisons = 1, alpha = ALPHA): Decision {
  if (evidenceOfDifference(counts) < comparisons / alpha) return 'open';
  return counts.first > counts.second ? 'first' : 'second';
}

/** P value that holds at every time of looking: the inverse of the evidence. */
export const anytimeP = (counts: PairCounts): number => Math.min(1, 1 / evidenceOfDifference(counts));

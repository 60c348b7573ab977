import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  countPairs,
  holm,
  mcnemar,
  mcnemarWorse,
  pairedDifference,
  type PairCounts,
} from '#src/evaluation/paired.js';
import { anytimeP, decide, evidenceOfDifference } from '#src/evaluation/sequential.js';
import { quantiles, wilson } from '#src/evaluation/statistics.js';
import { rngOf } from '#src/rng.js';

interface Expected {
  wilson: { k: number; n: number; low: number; high: number }[];
  pairs: { counts: PairCounts; p: number; worse: number; low: number; high: number; logEvidence: number }[];
  holm: { p: number[]; adjusted: number[] }[];
  quantiles: { sample: number[]; p50: number; p95: number }[];
}

/** Written by scripts/statistics/expected.py, with SciPy and statsmodels. */
const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as Expected;

describe('statistics agree with SciPy and statsmodels to 1e-9', () => {
  it.each(expected.wilson)('Wilson: $k of $n', ({ k, n, low, high }) => {
    expect(wilson(k, n).low).toBeCloseTo(low, 9);
    expect(wilson(k, n).high).toBeCloseTo(high, 9);
  });

  it.each(expected.pairs)('pairs: $counts', ({ counts, p, worse, low, high, logEvidence }) => {
    expect(mcnemar(counts)).toBeCloseTo(p, 9);
    expect(mcnemarWorse(counts)).toBeCloseTo(worse, 9);
    expect(pairedDifference(counts).low).toBeCloseTo(low, 9);
    expect(pairedDifference(counts).high).toBeCloseTo(high, 9);
    expect(Math.log(evidenceOfDifference(counts))).toBeCloseTo(logEvidence, 9);
  });

  it.each(expected.holm)('Holm: $p', ({ p, adjusted }) => {
    holm(p).forEach((value, i) => expect(value).toBeCloseTo(adjusted[i]!, 9));
  });

  it.each(expected.quantiles)('quantiles: $sample', ({ sample, p50, p95 }) => {
    const found = quantiles(sample, { p50: 0.5, p95: 0.95 });
    expect(found.p50).toBeCloseTo(p50, 9);
    expect(found.p95).toBeCloseTo(p95, 9);
  });
});

describe('paired comparison, by hand', () => {
  const counts = { both: 10, first: 1, second: 5, neither: 4 };

  it('counts outcomes', () => {
    expect(
      countPairs([
        [true, true],
        [true, false],
        [false, true],
        [false, true],
        [false, false],
      ]),
    ).toEqual({
      both: 1,
      first: 1,
      second: 2,
      neither: 1,
    });
  });

  it('takes 1 of 6 discordant pairs as 2 · (1 + 6) / 64', () => {
    expect(mcnemar(counts)).toBeCloseTo(14 / 64, 12);
    expect(mcnemarWorse(counts)).toBeCloseTo(7 / 64, 12);
    expect(pairedDifference(counts).difference).toBe(-0.2);
  });

  it('says nothing of planners that agree everywhere', () => {
    const same = { both: 7, first: 0, second: 0, neither: 3 };
    expect([mcnemar(same), mcnemarWorse(same), anytimeP(same)]).toEqual([1, 1, 1]);
    expect(holm([])).toEqual([]);
  });
});

describe('the sequential test', () => {
  it('gives one win of one pair no weight, and B(1/2, 11/2) / B(1/2, 1/2) · 2^5 to five', () => {
    expect(evidenceOfDifference({ first: 1, second: 0 })).toBeCloseTo(1, 12);
    // B(1/2, 11/2) / B(1/2, 1/2) = 1·3·5·7·9 / (2·4·6·8·10)
    expect(evidenceOfDifference({ first: 0, second: 5 })).toBeCloseTo((32 * 945) / 3840, 9);
  });

  it('decides for the better one, later where more comparisons share the error', () => {
    const counts = { both: 0, first: 8, second: 0, neither: 0 };
    expect(decide(counts)).toBe('first');
    expect(decide({ ...counts, first: 0, second: 8 })).toBe('second');
    expect(decide(counts, 20)).toBe('open');
  });

  it('errs in fewer than 5 % of runs, however often it looks, where nothing differs', () => {
    const rng = rngOf('sequential', 1);
    const runs = 400;
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { both: 0, first: 0, second: 0, neither: 0 };
      for (let n = 0; n < 200; n++) {
        counts[rng.uniform() < 0.5 ? 'first' : 'second']++;
        if (decide(counts) === 'open') continue;
        wrong++;
        break;
      }
    }
    expect(wrong / runs).toBeGreaterThan(0);
    expect(wrong / runs).toBeLessThan(0.05);
  });
});

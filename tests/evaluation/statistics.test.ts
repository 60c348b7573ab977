import { describe, expect, it } from 'vitest';
import { quantiles, wilson } from '#src/evaluation/statistics.js';
import { summarise, type EpisodeRecord } from '#src/evaluation/summary.js';

describe('wilson', () => {
  // Published values of the interval, in percent.
  it.each([
    [48, 50, 86.5, 98.9],
    [43, 50, 73.8, 93.0],
    [450, 500, 87.1, 92.3],
    [200, 200, 98.1, 100],
    [0, 10, 0, 27.8],
  ])('%i of %i gives %f to %f %%', (successes, n, low, high) => {
    const interval = wilson(successes, n);
    expect(100 * interval.low).toBeCloseTo(low, 1);
    expect(100 * interval.high).toBeCloseTo(high, 1);
    expect(interval.rate).toBe(successes / n);
  });

  it('knows nothing without episodes', () => {
    expect(wilson(0, 0)).toEqual({ rate: 0, low: 0, high: 1 });
  });
});

describe('quantiles', () => {
  it('names each point, and is null for an empty sample', () => {
    expect(quantiles([3, 1, 2], { p50: 0.5 })).toEqual({ p50: 2 });
    expect(quantiles([], { p50: 0.5, p95: 0.95 })).toEqual({ p50: null, p95: null });
  });
});

describe('summarise', () => {
  const header = {
    task: 't',
    model: null,
    planner: 'p',
    track: 'compat',
    seed: 1,
    latency: 0,
    toEnd: false,
    provider: null,
    version: '0',
    settings: null,
    variation: {},
  };
  const record = (seed: number, stepsToSuccess: number | null): EpisodeRecord => ({
    seed,
    success: stepsToSuccess !== null,
    stepsToSuccess,
    successAtEnd: stepsToSuccess !== null && seed > 1,
    steps: stepsToSuccess ?? 50,
    finalDistance: 0.1,
    holds: 0,
    tails: 0,
    clamps: 0,
    actions: 'x',
    heldSteps: 0,
    illegalSteps: 0,
    plans: 2,
    evaluations: 20,
    planMs: [seed, seed + 2],
  });

  it('tells how many hold the goal at the end, where episodes are played to it', () => {
    const records = [record(1, 10), record(2, null), record(3, 30)];
    expect(summarise(header, records).heldAtEnd).toBeNull();
    expect(summarise({ ...header, toEnd: true }, records).heldAtEnd).toMatchObject({ held: 1, rate: 1 / 3 });
  });

  it('counts successes, times only the successful, and keeps a record per episode', () => {
    const result = summarise(header, [record(1, 10), record(2, null), record(3, 30)]);
    expect(result).toMatchObject({ episodes: 3, successes: 2, stepsToSuccess: { p50: 20 } });
    expect(result.rate).toBeCloseTo(2 / 3, 12);
    expect(result.planMs.p50).toBe(3);
    expect(result.records.map((r) => [r.seed, r.planMs])).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { mppiDefaults, mppiPlanner, type MppiConfig } from '#policies/mppi.js';
import { rngOf } from '#src/rng.js';
import { slice, zeros, type Tensor } from '#src/tensor.js';
import { spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };

/** One iteration with these settings and the cost of each candidate. */
function iterate(change: Partial<MppiConfig>, cost: (n: number, plan: Float32Array) => number) {
  const planner = mppiPlanner({ ...mppiDefaults, ...change });
  const { state, candidates } = planner.sample(planner.init(spec, start), rngOf(1));
  const costs = Float32Array.from({ length: 128 }, (_, n) => cost(n, slice(candidates, n, n + 1).data));
  const next = planner.update(state, candidates, { costs, timeToGo: null, latents: null });
  return { plan: planner.result(next).data, candidates, next, spread: planner.spread(next) };
}

const meanOf = (candidates: Tensor, i: number, weight: (n: number) => number): number => {
  const weights = Array.from({ length: 128 }, (_, n) => weight(n));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.reduce((sum, w, n) => sum + (w / total) * candidates.data[n * 40 + i]!, 0);
};

describe('MPPI', () => {
  it('plans the mean of all candidates, weighted by the exponential of their standardised cost', () => {
    // Costs 0 to 127 have a standard deviation of 36.95.
    const { plan, candidates } = iterate({ temperature: 0.5 }, (n) => n);
    const scale = 0.5 * Math.sqrt((128 ** 2 - 1) / 12);
    for (const i of [0, 7, 39]) {
      expect(plan[i]).toBeCloseTo(
        meanOf(candidates, i, (n) => Math.exp(-n / scale)),
        4,
      );
    }
  });

  it('does not care in which unit the costs are', () => {
    const cost = (n: number) => (n * 37) % 128;
    const { plan } = iterate({}, cost);
    const { plan: scaled } = iterate({}, (n) => 1000 * cost(n) - 5);
    scaled.forEach((value, i) => expect(value).toBeCloseTo(plan[i]!, 3));
  });

  it('takes the best alone when it is cold, and the plain mean when it is hot or all cost the same', () => {
    const cold = iterate({ temperature: 1e-4 }, (n) => (n === 31 ? 0 : 1));
    expect(cold.plan).toEqual(slice(cold.candidates, 31, 32).data);
    for (const { plan, candidates } of [iterate({ temperature: 1e6 }, (n) => n), iterate({}, () => 3)]) {
      expect(plan[5]).toBeCloseTo(
        meanOf(candidates, 5, () => 1),
        4,
      );
    }
  });

  it('gives no weight to a cost that is not finite', () => {
    const { plan, candidates } = iterate({ temperature: 1e6 }, (n) => (n < 64 ? n : n % 2 ? NaN : Infinity));
    expect(plan[5]).toBeCloseTo(
      meanOf(candidates, 5, (n) => (n < 64 ? 1 : 0)),
      4,
    );
  });

  it('keeps its noise where it is told to, and narrows it otherwise, down to a floor', () => {
    const cost = (_: number, plan: Float32Array) => plan.reduce((sum, v) => sum + v * v, 0);
    expect(iterate({ adaptation: 0 }, cost).spread).toBeCloseTo(1, 5);
    expect(iterate({ adaptation: 0.5 }, cost).spread).toBeLessThan(0.8);
    expect(iterate({ adaptation: 1, temperature: 1e-4 }, cost).spread).toBeCloseTo(
      mppiDefaults.minimumStd,
      5,
    );
  });
});

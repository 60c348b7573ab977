import { describe, expect, it } from 'vitest';
import { gradient, gradientDefaults, gradientPlanner } from '#policies/gradient.js';
import type { PlanningSpec } from '#src/planning/planner.js';
import { rngOf } from '#src/rng.js';
import { slice, tensor, zeros, type Tensor } from '#src/tensor.js';
import { spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };
const rate = gradientDefaults.learningRate;

/** The population, and the one that follows it where every value has the same slope. */
function follow(slope: number, of: PlanningSpec = spec) {
  const { state, candidates } = gradient.sample(gradient.init(of, start), rngOf(1));
  const costs = new Float32Array(candidates.shape[0]!).fill(1);
  const slopes = { ...candidates, data: candidates.data.map(() => slope) };
  const evaluation = { costs, gradient: slopes, timeToGo: null, latents: null };
  const next = gradient.update(state, candidates, evaluation);
  return { before: candidates, after: gradient.sample(next, rngOf(2)).candidates, next };
}
const first = (t: Tensor) => slice(t, 0, 1).data;

describe('gradient descent', () => {
  it('starts as many sequences as it is told, or as there are samples', () => {
    expect(follow(1).before.shape[0]).toBe(gradientDefaults.starts);
    expect(follow(1, { ...spec, samples: 3 }).before.shape[0]).toBe(3);
  });

  it.each([1e-6, 3, 1e6])('steps against a slope of %f by its learning rate, in half ranges', (slope) => {
    const { before, after } = follow(slope);
    expect(first(after)[0]! - first(before)[0]!).toBeCloseTo(-rate * 1, 4);
    expect(first(after)[1]! - first(before)[1]!).toBeCloseTo(-rate * 2, 4);
    expect(follow(-slope).after.data[0]).toBeCloseTo(rate, 4);
  });

  it('stays where there is no slope, or none that is a number', () => {
    for (const slope of [0, NaN, Infinity]) expect(follow(slope).after).toEqual(follow(slope).before);
  });

  it('keeps to the bounds and to the committed rows', () => {
    const committed = tensor([6, 2], new Float32Array(12).fill(0.1));
    const { after } = follow(-1, { ...spec, committed });
    for (let n = 0; n < after.shape[0]!; n++) {
      const { data } = slice(after, n, n + 1);
      expect([...data.subarray(0, 12)].every((v) => v === Math.fround(0.1))).toBe(true);
      expect(data.every((v, i) => Math.abs(v) <= spec.maximum[i % 2]!)).toBe(true);
    }
  });

  it('plans the best sequence that it has scored, even if it has walked on from there', () => {
    const { state, candidates } = gradient.sample(gradient.init(spec, start), rngOf(1));
    const costs = Float32Array.from({ length: 16 }, (_, n) => (n === 5 ? 1 : 2));
    const slopes = { gradient: candidates, timeToGo: null, latents: null };
    const good = gradient.update(state, candidates, { costs, ...slopes });
    const again = gradient.sample(good, rngOf(2));
    const worse = gradient.update(again.state, again.candidates, {
      costs: costs.map((c) => c + 9),
      ...slopes,
    });
    expect(gradient.result(worse).data).toEqual(slice(candidates, 5, 6).data);
  });

  it('finds a quadratic’s minimum in every start, more exactly than a sampler does', () => {
    const aim = (i: number) => 0.5 * Math.cos(i);
    let state = gradientPlanner({ ...gradientDefaults, learningRate: 0.05 }).init(spec, start);
    for (let iteration = 0; iteration < 60; iteration++) {
      const { candidates } = gradient.sample(state, rngOf(iteration));
      const slopes = candidates.data.map((v, i) => 2 * (v - aim(i % 40)));
      const costs = Float32Array.from({ length: 16 }, (_, n) =>
        slice(candidates, n, n + 1).data.reduce((sum, v, i) => sum + (v - aim(i)) ** 2, 0),
      );
      state = gradient.update(state, candidates, {
        costs,
        gradient: { ...candidates, data: slopes },
        timeToGo: null,
        latents: null,
      });
    }
    expect(gradient.spread(state)).toBeLessThan(0.05);
    gradient.result(state).data.forEach((v, i) => expect(Math.abs(v - aim(i))).toBeLessThan(0.05));
  });

  it('says so when nobody gives it a gradient', () => {
    const { state, candidates } = gradient.sample(gradient.init(spec, start), rngOf(1));
    const blind = { costs: new Float32Array(16), timeToGo: null, latents: null };
    expect(() => gradient.update(state, candidates, blind)).toThrow(/without a gradient/);
  });
});

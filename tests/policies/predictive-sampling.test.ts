import { describe, expect, it } from 'vitest';
import { predictiveSampling, predictiveSamplingDefaults } from '#policies/predictive-sampling.js';
import { rngOf } from '#src/rng.js';
import { slice, tensor, zeros } from '#src/tensor.js';
import { spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };

/** One iteration in which candidate `best` costs least. */
function iterate(state: ReturnType<typeof predictiveSampling.init>, best: number) {
  const sampled = predictiveSampling.sample(state, rngOf(best));
  const costs = Float32Array.from({ length: 128 }, (_, n) => Math.abs(n - best));
  const evaluation = { costs, timeToGo: null, latents: null };
  const next = predictiveSampling.update(sampled.state, sampled.candidates, evaluation);
  return { next, candidates: sampled.candidates };
}

describe('predictive sampling', () => {
  it('makes the best candidate its plan, and the plan the middle of the next population', () => {
    const { next, candidates } = iterate(predictiveSampling.init(spec, start), 77);
    const best = slice(candidates, 77, 78).data;
    expect(predictiveSampling.result(next).data).toEqual(best);
    expect(slice(iterate(next, 3).candidates, 0, 1).data).toEqual(best);
  });

  it('narrows its noise only when nothing was better than the plan that it had', () => {
    const first = predictiveSampling.init(spec, start);
    const { initialStd, shrink } = predictiveSamplingDefaults;
    expect(predictiveSampling.spread(first)).toBeCloseTo(initialStd, 5);
    expect(predictiveSampling.spread(iterate(first, 9).next)).toBeCloseTo(initialStd, 5);
    expect(predictiveSampling.spread(iterate(first, 0).next)).toBeCloseTo(shrink * initialStd, 5);
  });

  it('looks far and near in one population', () => {
    const { candidates } = iterate(predictiveSampling.init(spec, start), 0);
    const size = (from: number, to: number) => {
      const { data } = slice(candidates, from, to);
      return Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
    };
    expect(size(1, 33)).toBeGreaterThan(3 * size(96, 128));
  });

  it('leaves the committed rows alone', () => {
    const committed = tensor([6, 2], new Float32Array(12).fill(0.1));
    const { candidates } = iterate(predictiveSampling.init({ ...spec, committed }, start), 0);
    for (let n = 0; n < 128; n++) {
      const { data } = slice(candidates, n, n + 1);
      expect([...data.subarray(0, 12)].every((v) => v === Math.fround(0.1))).toBe(true);
      expect(data.subarray(12).some((v) => v !== 0)).toBe(n > 0);
    }
  });
});

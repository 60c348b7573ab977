import { describe, expect, it } from 'vitest';
import { cem, cemDefaults, cemPlanner } from '#policies/cem.js';
import { rngOf } from '#src/rng.js';
import { slice, zeros } from '#src/tensor.js';
import { spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };

/** One iteration in which the candidates cost what their index says, from the last one up. */
function refit(planner = cem) {
  const { state, candidates } = planner.sample(planner.init(spec, start), rngOf(1));
  const costs = Float32Array.from({ length: 128 }, (_, i) => 128 - i);
  const next = planner.update(state, candidates, { costs, timeToGo: null, latents: null });
  return { next, candidates, elites: slice(candidates, 116, 128) };
}

describe('CEM', () => {
  it('samples around the mean with half the range as standard deviation, clamped', () => {
    const { candidates } = refit();
    const second = candidates.data.filter((_, i) => i % 2 === 1);
    const inside = second.filter((v) => Math.abs(v) < 2).length / second.length;
    expect(inside).toBeGreaterThan(0.64);
    expect(inside).toBeLessThan(0.72);
  });

  it('refits mean and deviation to the elites, and plans the mean', () => {
    const { next, elites } = refit();
    for (const i of [0, 1, 17, 39]) {
      const values = Array.from({ length: 12 }, (_, n) => elites.data[n * 40 + i]!);
      const mean = values.reduce((a, b) => a + b, 0) / 12;
      const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 12;
      expect(cem.result(next).data[i]).toBeCloseTo(mean, 5);
      expect(next.std[i]).toBeCloseTo(Math.sqrt(variance), 5);
    }
  });

  it('puts the mean into row 0 of the next population', () => {
    const { next } = refit();
    const { candidates } = cem.sample(next, rngOf(2));
    expect(slice(candidates, 0, 1).data).toEqual(next.mean);
  });

  it('keeps a share of the old mean with momentum', () => {
    const half = refit(cemPlanner({ ...cemDefaults, momentum: 0.5 })).next;
    const whole = refit().next;
    expect(half.mean[3]).toBeCloseTo(whole.mean[3]! / 2, 5);
  });

  it('does not freeze: the deviation has a floor', () => {
    const { state, candidates } = cem.sample(cem.init({ ...spec, elites: 1 }, start), rngOf(1));
    const costs = new Float32Array(128);
    const next = cem.update(state, candidates, { costs, timeToGo: null, latents: null });
    expect(next.std[0]).toBeCloseTo(0.02);
    expect(next.std[1]).toBeCloseTo(0.04);
  });
});

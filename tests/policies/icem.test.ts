import { describe, expect, it } from 'vitest';
import { icem, icemDefaults, icemPlanner } from '#policies/icem.js';
import { rngOf } from '#src/rng.js';
import { slice, tensor, zeros, type Tensor } from '#src/tensor.js';
import { ramp, spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };
const rowsOf = (candidates: Tensor) =>
  Array.from({ length: candidates.shape[0]! }, (_, n) => slice(candidates, n, n + 1).data);

/** One iteration with the given costs. */
function iterate(
  state: ReturnType<typeof icem.init>,
  seed: number,
  cost: (row: Float32Array) => number,
  planner = icem,
) {
  const sampled = planner.sample(state, rngOf(seed));
  const costs = Float32Array.from(rowsOf(sampled.candidates), cost);
  const next = planner.update(sampled.state, sampled.candidates, { costs, timeToGo: null, latents: null });
  return { next, rows: rowsOf(sampled.candidates), costs };
}

const quadratic = (row: Float32Array) => row.reduce((sum, v, i) => sum + (v - ramp(i)) ** 2, 0);

describe('iCEM', () => {
  it('shrinks its populations by the decay, down to twice the elites', () => {
    let state = icem.init(spec, start);
    const sizes: number[] = [];
    for (let i = 0; i < 10; i++) {
      const { next, rows } = iterate(state, i, quadratic);
      sizes.push(rows.length);
      state = next;
    }
    expect(sizes).toEqual([128, 102, 82, 66, 52, 42, 34, 27, 24, 24]);
  });

  it('keeps its best elites within a plan', () => {
    const first = iterate(icem.init(spec, start), 1, quadratic);
    const order = [...first.rows].sort((a, b) => quadratic(a) - quadratic(b));
    const second = iterate(first.next, 2, quadratic);
    expect(second.rows.slice(1, 5)).toEqual(order.slice(0, 4));
  });

  it('carries them into the next plan, shifted by the steps that passed', () => {
    const last = iterate(icem.init(spec, start), 1, quadratic).next;
    const mean = tensor([20, 2], new Float32Array(40).fill(0.5));
    const next = icem.init(spec, { mean, previous: last, elapsed: 3 });
    const guest = rowsOf(icem.sample(next, rngOf(2)).candidates)[1]!;
    expect(guest.subarray(0, 34)).toEqual(last.elites[0]!.subarray(6));
    expect([...guest.subarray(34)]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  it('forgets them when the size of the search has changed', () => {
    const last = iterate(icem.init(spec, start), 1, quadratic).next;
    const longer = { ...spec, horizon: 5 };
    const next = icem.init(longer, { mean: zeros([25, 2]), previous: last, elapsed: 3 });
    expect(next.guests).toEqual([]);
  });

  it('plans the best candidate that it has seen, even if that was early', () => {
    const first = iterate(icem.init(spec, start), 1, quadratic);
    const best = first.rows[first.costs.indexOf(Math.min(...first.costs))]!;
    const worse = iterate(first.next, 2, (row) => 1000 + quadratic(row));
    expect(icem.result(worse.next).data).toEqual(best);
  });

  it('moves smoothly for beta 2 and jumps for beta 0', () => {
    const roughness = (beta: number) => {
      const planner = icemPlanner({ ...icemDefaults, beta, initialStd: 0.3 });
      const rows = rowsOf(planner.sample(planner.init(spec, start), rngOf(1)).candidates).slice(1);
      const jumps = rows.map((row) => row.subarray(2).reduce((sum, v, i) => sum + (v - row[i]!) ** 2, 0));
      return jumps.reduce((a, b) => a + b, 0) / rows.length;
    };
    expect(roughness(2)).toBeLessThan(roughness(0) / 5);
  });

  it('spreads its noise over the rows that are still free', () => {
    const committed = tensor([6, 2], new Float32Array(12).fill(0.1));
    const state = icem.init({ ...spec, committed }, start);
    const rows = rowsOf(icem.sample(state, rngOf(1)).candidates).slice(1);
    for (const row of rows) expect([...row.subarray(0, 12)].every((v) => v === Math.fround(0.1))).toBe(true);
    const moved = rows.filter((row) => row.subarray(12).some((v) => v !== 0));
    expect(moved).toHaveLength(127);
  });
});

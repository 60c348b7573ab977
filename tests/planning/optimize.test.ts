import { describe, expect, it } from 'vitest';
import { cem } from '#policies/cem.js';
import { icem } from '#policies/icem.js';
import { planners } from '#policies/index.js';
import { optimize, type Evaluate } from '#src/planning/optimize.js';
import type { Planner } from '#src/planning/planner.js';
import { rngOf } from '#src/rng.js';
import { zeros, type Tensor } from '#src/tensor.js';
import { evaluateBy, problems, spec } from '../contracts/planning-problems.js';

const start = { mean: zeros([20, 2]), elapsed: 0 };
const { cost } = problems[0]!;
const evaluate = evaluateBy(spec, cost);

/** A clock that only the model's runs move, by the next of `seconds` each time; the last one repeats. */
function runsOf(seconds: readonly number[], inner: Evaluate = evaluate) {
  let time = 100;
  let runs = 0;
  return {
    now: () => time,
    evaluate: (candidates: Tensor, needs: Planner['needs']) => {
      time += seconds[Math.min(runs++, seconds.length - 1)]!;
      return inner(candidates, needs);
    },
    get time() {
      return time;
    },
  };
}

describe('optimize', () => {
  it('runs all iterations without a deadline', async () => {
    const run = runsOf([5]);
    const search = await optimize(icem, spec, start, run.evaluate, {
      iterations: 4,
      now: run.now,
      rng: rngOf(1),
    });
    expect(search).toMatchObject({ iterations: 4, cut: false });
    expect(search.costs).toHaveLength(4);
  });

  it('begins no iteration that would probably end after the deadline', async () => {
    const run = runsOf([0.03]);
    const budget = { iterations: 50, deadline: 100.1, now: run.now, rng: rngOf(1) };
    const search = await optimize(icem, spec, start, run.evaluate, budget);
    expect(search).toMatchObject({ iterations: 3, cut: true });
    expect(run.time).toBeLessThanOrEqual(100.1);
  });

  it('expects the next iteration to be as slow as the slowest so far', async () => {
    const run = runsOf([1, 4, 1]);
    const budget = { iterations: 50, deadline: 110, now: run.now, rng: rngOf(1) };
    // After 6 s another 4 s just fit; after 7 s they don't.
    expect(await optimize(icem, spec, start, run.evaluate, budget)).toMatchObject({
      iterations: 4,
      cut: true,
    });
  });

  it('runs one iteration even when the deadline has passed', async () => {
    const run = runsOf([1]);
    const budget = { iterations: 5, deadline: 0, now: run.now, rng: rngOf(1) };
    const search = await optimize(cem, spec, start, run.evaluate, budget);
    expect(search).toMatchObject({ iterations: 1, cut: true });
    expect(search.rows.shape).toEqual([20, 2]);
    expect(search.timeToGo).toBeNull();
  });

  it('gives the plan of a cut search the same as a short one', async () => {
    const run = runsOf([0.03]);
    const cut = await optimize(icem, spec, start, run.evaluate, {
      iterations: 50,
      deadline: 100.1,
      now: run.now,
      rng: rngOf(1),
    });
    const short = await optimize(icem, spec, start, evaluate, { iterations: 3, now: () => 0, rng: rngOf(1) });
    expect(cut.rows).toEqual(short.rows);
  });

  it('counts every candidate that it had imagined', async () => {
    let imagined = 0;
    const counting: Evaluate = (candidates, needs) => {
      imagined += candidates.shape[0]! * candidates.shape[1]!;
      return evaluate(candidates, needs);
    };
    for (const planner of planners) {
      imagined = 0;
      const search = await optimize(planner, spec, start, counting, {
        iterations: 3,
        now: () => 0,
        rng: rngOf(1),
      });
      expect(search.evaluations).toBe(imagined);
    }
  });

  it('tells the time to go of the very plan that it returns', async () => {
    // Time to go after step t of a plan: the sum of its values up to there.
    const telling: Evaluate = async (candidates, needs) => {
      const [n = 0, h = 0, a = 0] = candidates.shape;
      const timeToGo = zeros([n, h]);
      for (let i = 0; i < n * h; i++) {
        const block = candidates.data.slice(i * a, (i + 1) * a).reduce((x, y) => x + y, 0);
        timeToGo.data[i] = block + (i % h > 0 ? timeToGo.data[i - 1]! : 0);
      }
      // Gradients come without a time to go.
      return { ...(await evaluate(candidates, needs)), timeToGo: needs === 'costs' ? timeToGo : null };
    };
    for (const planner of planners) {
      const budget = { iterations: 3, now: () => 0, rng: rngOf(1) };
      const { rows, timeToGo } = await optimize(planner, spec, start, telling, budget);
      const expected = await telling({ shape: [1, 4, 10], data: rows.data }, 'costs');
      expect(timeToGo).toEqual(expected.timeToGo!.data);
    }
  });

  it('names a model that gives no finite cost', async () => {
    const broken = evaluateBy(spec, () => NaN);
    const search = optimize(icem, spec, start, broken, { iterations: 3, now: () => 0, rng: rngOf(1) });
    await expect(search).rejects.toMatchObject({
      code: 'bad-model',
      message: 'none of 128 candidate plans has a finite cost',
    });
  });
});

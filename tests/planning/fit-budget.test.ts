import { describe, expect, it } from 'vitest';
import { planners } from '#policies/index.js';
import { fitBudget } from '#src/planning/fit-budget.js';
import { optimize } from '#src/planning/optimize.js';
import type { PlanningSettings } from '#src/planning/settings.js';
import { pick } from '#src/registry.js';
import { rngOf } from '#src/rng.js';
import { zeros } from '#src/tensor.js';

const settings: PlanningSettings = {
  planner: 'cem',
  horizon: 3,
  samples: 100,
  elites: 10,
  iterations: 4,
  replanInterval: 1,
  objective: { kind: 'metric', over: 'sum' },
};
const evaluations = ({ samples, iterations }: PlanningSettings): number => samples * iterations;
const time = { fixed: 0.01, search: 0.4 };

describe('a fitted budget', () => {
  it.each([0.05, 0.1, 0.3, 0.6, 1, 3])('keeps to a deadline of %d s', (deadline) => {
    const fitted = fitBudget(settings, time, deadline);
    const expected = time.fixed + (time.search * evaluations(fitted)) / evaluations(settings);
    // A search of sixteen plans, twice, is the least that makes sense.
    const least = time.fixed + (time.search * 32) / evaluations(settings);
    expect(expected).toBeLessThanOrEqual(Math.max(deadline, least));
    expect(fitted.elites).toBeLessThanOrEqual(fitted.samples);
  });

  it('uses time that it has, as far as a search can use it, and ends once the elites agree', () => {
    const more = fitBudget(settings, time, 1.2);
    expect(evaluations(more)).toBeGreaterThan(1.7 * evaluations(settings));
    expect(more.agreement).toBe(0.03);
    expect(fitBudget(settings, time, 1e6)).toMatchObject({ samples: 300, iterations: 30, elites: 30 });
    expect(fitBudget(settings, time, 0.1).agreement).toBeUndefined();
  });
});

const spec = {
  horizon: 2,
  actionRepeat: 1,
  actionDim: 1,
  minimum: [-1],
  maximum: [1],
  samples: 64,
  elites: 8,
  iterations: 20,
  committed: zeros([0, 1]),
};

/** Searches for actions of zero; the sizes of its populations. */
async function search(name: string, change: { shrink?: number }, agreement?: number) {
  const sizes: number[] = [];
  const found = await optimize(
    pick('planner', planners, name),
    { ...spec, ...change },
    { mean: zeros([2, 1]), elapsed: 0 },
    (candidates) => {
      sizes.push(candidates.shape[0]!);
      const costs = Float32Array.from({ length: candidates.shape[0]! }, (_, i) =>
        Math.hypot(candidates.data[2 * i]!, candidates.data[2 * i + 1]!),
      );
      return Promise.resolve({ costs, timeToGo: null, latents: null });
    },
    { iterations: 20, now: () => 0, rng: rngOf('search'), ...(agreement && { agreement }) },
  );
  return { sizes, found };
}

describe.each(['cem', 'icem'])('%s', (name) => {
  it('draws populations that shrink as it is told, down to twice the elites', async () => {
    const { sizes } = await search(name, { shrink: 0.5 });
    expect(sizes.slice(0, 5)).toEqual([64, 32, 16, 16, 16]);
  });

  it('ends once its elites agree, which is not being cut short', async () => {
    const { found } = await search(name, {}, 0.1);
    expect(found.iterations).toBeLessThan(20);
    expect(found).toMatchObject({ cut: false });
    expect(found.spread).toBeLessThan(0.1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectiveSpec } from '#src/planning/objective.js';
import { slice } from '#src/tensor.js';
import { loadWorldModel, type OnnxWorldModel } from '#src/world-model/onnx-world-model.js';
import type { Job } from '#src/world-model/world-model.js';
import { randomJob, randomTensor } from '../fakes/jobs.ts';
import { minus } from '../fakes/matrix.ts';
import { writeTinyModel, type TinyModel } from '../fakes/tiny-model.ts';
import { tiny, tinyAction, type TinyMetric, type TinyWorld } from '../fakes/tiny-world.ts';

const metricSum: ObjectiveSpec = { kind: 'metric', over: 'sum' };
const latentEnd: ObjectiveSpec = { kind: 'latent', over: 'terminal' };

const wanting = (job: Job): Job => ({ ...job, want: 'latents' });

/** What the world does with candidate `n` of a job, in double precision: latents and distances by step. */
function imagine(
  world: TinyWorld,
  job: Job,
  n: number,
): { latent: number[]; metric: number | null; mse: number }[] {
  const horizon = job.actions.shape[1]!;
  const goal = [...job.goal.data];
  const { mean, std, dim } = tinyAction;
  let latent = [...job.context.latents.data];
  return Array.from({ length: horizon }, (_, t) => {
    const raw = [...slice(job.actions, n, n + 1).data].slice(t * 6, (t + 1) * 6);
    latent = world.step(
      latent,
      raw.map((x, i) => (x - mean[i % dim]!) / std[i % dim]!),
    );
    const mse = minus(latent, goal).reduce((sum, x) => sum + x * x, 0) / tiny.latentDim;
    return { latent, metric: world.distance(latent, goal), mse };
  });
}

/** Largest difference relative to max(1, |x|). */
const worst = (actual: ArrayLike<number>, expected: readonly number[]): number => {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((x, i) => Math.abs(actual[i]! - x) / Math.max(1, Math.abs(x))));
};

/** A tiny model that lives as long as the tests around. */
function tinyModel(metric: TinyMetric): { model: () => OnnxWorldModel; written: () => TinyModel } {
  let written: TinyModel;
  let model: OnnxWorldModel;
  beforeAll(async () => {
    written = await writeTinyModel({ metric });
    model = await loadWorldModel(written.folder, { provider: 'cpu', threads: 1 });
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await written[Symbol.asyncDispose]();
  });
  return { model: () => model, written: () => written };
}

const cases = (['embedding', 'directed', 'product', 'pair', null] as const).flatMap((metric) =>
  [1, 4, 7].map((horizon) => ({ metric, horizon })),
);

describe.each(cases)('metric $metric, horizon $horizon', ({ metric, horizon }) => {
  const { model, written } = tinyModel(metric);

  it.each([1, 3, 64])('imagines %i candidates as the world would', async (n) => {
    expect(model().composition).toEqual({ composed: true });
    const job = wanting(randomJob('one', n, horizon, metric ? metricSum : latentEnd));
    const [evaluation] = await model().evaluate([job]);
    const truth = Array.from({ length: n }, (_, i) => imagine(written().world, job, i)).flat();
    expect(evaluation!.latents!.shape).toEqual([n, horizon, tiny.latentDim]);
    const latents = truth.flatMap(({ latent }) => latent);
    expect(worst(evaluation!.latents!.data, latents)).toBeLessThan(1e-5);
    if (metric === null) {
      expect(evaluation!.timeToGo).toBeNull();
      const ends = truth.filter((_, i) => i % horizon === horizon - 1).map(({ mse }) => mse);
      expect(worst(evaluation!.costs, ends)).toBeLessThan(1e-5);
    } else {
      const togo = truth.map((step) => step.metric!);
      expect(worst(evaluation!.timeToGo!.data, togo)).toBeLessThan(1e-5);
    }
  });
});

describe.each(['embedding', 'directed', 'product', 'pair'] as const)(
  'jobs of a model with metric %s',
  (metric) => {
    const { model, written } = tinyModel(metric);

    it('in one call are worth what they are alone, each by its own objective', async () => {
      const change: ObjectiveSpec = { kind: 'actionChange' };
      const mixed: ObjectiveSpec = {
        kind: 'weighted',
        terms: [
          [0.5, metricSum],
          [2, latentEnd],
          [0.1, change],
        ],
      };
      const jobs = [
        wanting(randomJob('a', 5, 3, metricSum)),
        randomJob('b', 1, 3, latentEnd),
        randomJob('c', 17, 3, mixed),
      ];
      const together = await model().evaluate(jobs);
      for (const [i, job] of jobs.entries()) {
        const [alone] = await model().evaluate([job]);
        expect(worst(together[i]!.costs, [...alone!.costs])).toBeLessThan(1e-5);
        expect(worst(together[i]!.timeToGo!.data, [...alone!.timeToGo!.data])).toBeLessThan(1e-5);
        expect(together[i]!.latents?.shape).toEqual(alone!.latents?.shape);
      }
      expect(together[1]!.latents).toBeNull();
    });

    it('have goals of their own', async () => {
      const job = wanting(randomJob('a', 2, 3, metricSum));
      const elsewhere = { ...job, goal: randomTensor('elsewhere', [tiny.latentDim]) };
      const [here, there] = await model().evaluate([job, elsewhere]);
      expect(here!.latents!.data).toEqual(there!.latents!.data);
      expect(here!.costs).not.toEqual(there!.costs);
    });

    it('cost what the world says at the goal that they reach', async () => {
      const job = randomJob('a', 1, 1, metricSum);
      const reached = imagine(written().world, job, 0)[0]!.latent;
      const goal = { shape: [tiny.latentDim], data: Float32Array.from(reached) };
      const [evaluation] = await model().evaluate([{ ...job, goal }]);
      if (metric === 'embedding' || metric === 'pair') expect(evaluation!.costs[0]).toBeLessThan(1e-5);
      expect(evaluation!.costs[0]).toBeCloseTo(written().world.distance(reached, reached)!, 4);
    });
  },
);

describe('evaluate', () => {
  const { model } = tinyModel(null);

  it('turns costs that are not finite into Infinity', async () => {
    const job = randomJob('a', 3, 2, latentEnd);
    job.actions.data.fill(NaN, 0, 12);
    const [evaluation] = await model().evaluate([job]);
    expect(evaluation!.costs[0]).toBe(Infinity);
    expect(Number.isFinite(evaluation!.costs[1])).toBe(true);
  });

  it('imagines nothing for an objective that looks at actions only', async () => {
    const job = randomJob('a', 3, 2, { kind: 'actionChange' });
    const [evaluation] = await model().evaluate([job]);
    expect(evaluation!.costs.every((cost) => cost > 0)).toBe(true);
    expect(model().composition).toEqual({ composed: true });
  });

  it('refuses jobs that do not fit, naming expected and got', async () => {
    const job = randomJob('a', 3, 2, latentEnd);
    const refused = (jobs: readonly Job[]) => expect(model().evaluate(jobs)).rejects;
    const context = { ...job.context, latents: randomTensor('two', [2, 4]) };
    await refused([{ ...job, context }]).toThrow(/context of 2 latents; model 'tiny' needs exactly 1/);
    await refused([{ ...job, goal: randomTensor('goal', [5]) }]).toThrow(/goal of 5 values; .* needs 4/);
    await refused([job, randomJob('b', 3, 4, latentEnd)]).toThrow(
      /actions \[3, 4, 6\]; .* needs \[N, 2, 6\]/,
    );
    await refused([{ ...job, actions: randomTensor('x', [3, 2, 5]) }]).toThrow(/needs \[N, 2, 6\]/);
    await refused([{ ...job, objective: metricSum }]).toThrow(/needs a metric head; model 'tiny' has none/);
    await refused([{ ...job, objective: { kind: 'disagreement' } }]).toThrow(/ensemble/);
    expect(await model().evaluate([])).toEqual([]);
  });
});

import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectiveSpec } from '#src/planning/objective.js';
import { slice, tensor, type Tensor } from '#src/tensor.js';
import { stepWeights } from '#src/world-model/objective-cost.js';
import { loadWorldModel, type OnnxWorldModel } from '#src/world-model/onnx-world-model.js';
import type { Job } from '#src/world-model/world-model.js';
import { randomJob, randomTensor } from '../fakes/jobs.ts';
import { gradientGraph } from '../fakes/tiny-graphs.ts';
import { writeTinyModel, type TinyModel, type TinyModelOptions } from '../fakes/tiny-model.ts';
import { drift, phi, push, tinyAction } from '../fakes/tiny-world.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;
const latentSum: ObjectiveSpec = { kind: 'latent', over: 'sum' };
const metricSum: ObjectiveSpec = { kind: 'metric', over: 'sum' };
const disagreement: ObjectiveSpec = { kind: 'disagreement' };

const row = (t: Tensor, i: number): number[] => [...slice(t, i, i + 1).data];
const normal = (raw: readonly number[]): number[] =>
  raw.map((x, i) => (x - tinyAction.mean[i % 2]!) / tinyAction.std[i % 2]!);

/** A model of these options, for as long as `use` takes. */
async function withModel<T>(
  options: TinyModelOptions,
  use: (model: OnnxWorldModel) => Promise<T>,
): Promise<T> {
  await using written = await writeTinyModel(options);
  await using model = await loadWorldModel(written.folder, cpu);
  return await use(model);
}

/** A gradient graph that points the other way. */
function flipped(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  model.graph!.node.find(({ output }) => output[0] === 'gradient')!.opType = 'Neg';
  return toBinary(ModelProtoSchema, model);
}

describe('a model with all optional parts', () => {
  let written: TinyModel;
  let model: OnnxWorldModel;
  beforeAll(async () => {
    written = await writeTinyModel({ metric: 'embedding', heads: true, horizon: 4 });
    model = await loadWorldModel(written.folder, cpu);
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await written[Symbol.asyncDispose]();
  });

  it('gives its prior in raw units, each latent by its own goal', async () => {
    const [latents, goals] = [randomTensor('z', [5, 4]), randomTensor('g', [5, 4])];
    const { mean, std } = await model.prior(latents, goals);
    expect(mean.shape).toEqual([5, 6]);
    const truth = written.world.prior(row(latents, 3), row(goals, 3));
    row(mean, 3).forEach((x, i) =>
      expect(x).toBeCloseTo(truth.mean[i]! * tinyAction.std[i % 2]! + tinyAction.mean[i % 2]!, 5),
    );
    row(std, 3).forEach((x, i) => expect(x).toBeCloseTo(truth.std[i]! * tinyAction.std[i % 2]!, 5));
  });

  it('scores a plan by the mean disagreement along its rollout, beside other objectives in one call', async () => {
    const mixed: ObjectiveSpec = {
      kind: 'weighted',
      terms: [
        [1, metricSum],
        [0.5, disagreement],
      ],
    };
    const jobs = [
      randomJob('a', 3, 4, disagreement),
      randomJob('a', 3, 4, metricSum),
      randomJob('a', 3, 4, mixed),
    ];
    const [doubts, metric, both] = await model.evaluate(jobs);
    const { context, actions } = jobs[0]!;
    const plan = row(actions, 2);
    let latent = [...context.latents.data];
    let sum = 0;
    for (let t = 0; t < 4; t++) {
      const action = normal(plan.slice(6 * t, 6 * t + 6));
      sum += written.world.disagreement(latent, action);
      latent = written.world.step(latent, action);
    }
    expect(doubts!.costs[2]).toBeCloseTo(sum / 4, 4);
    both!.costs.forEach((cost, n) =>
      expect(cost).toBeCloseTo(metric!.costs[n]! + 0.5 * doubts!.costs[n]!, 3),
    );
  });

  it('tells the same of a single step', async () => {
    const job = randomJob('one', 5, 1, disagreement);
    const latents = tensor(
      [5, 4],
      Float32Array.from({ length: 20 }, (_, i) => job.context.latents.data[i % 4]!),
    );
    const single = await model.disagreement(latents, tensor([5, 6], job.actions.data));
    const [evaluation] = await model.evaluate([job]);
    single.forEach((value, n) => expect(value).toBeCloseTo(evaluation!.costs[n]!, 5));
  });

  it('differentiates its objective: each value against a finite difference in raw units', async () => {
    const job = randomJob('grad', 2, 4, metricSum);
    const { costs, gradient } = await model.gradient(job);
    const costOf = async (at: number, by: number) => {
      const data = job.actions.data.slice();
      data[at]! += by;
      return (await model.evaluate([{ ...job, actions: tensor(job.actions.shape, data) }]))[0]!.costs;
    };
    const base = await costOf(0, 0);
    costs.forEach((cost, n) => expect(cost).toBeCloseTo(base[n]!, 4));
    for (const at of [0, 7, 13, 23, 24, 47]) {
      const n = Math.floor(at / 24);
      const slope = ((await costOf(at, 0.01))[n]! - (await costOf(at, -0.01))[n]!) / 0.02;
      expect(gradient.data[at]).toBeCloseTo(slope, 2);
    }
  });

  it('refuses the gradient of another horizon or objective, and says which it has', async () => {
    const other = (job: Job) => expect(model.gradient(job)).rejects;
    await other(randomJob('a', 2, 3, metricSum)).toThrow(/for horizon 4, got 3; plan with that, or .*icem/);
    await other(randomJob('a', 2, 4, latentSum)).toThrow(
      /for objective {"kind":"metric","over":"sum"}, got {"kind":"latent","over":"sum"}/,
    );
  });
});

describe('a model without optional parts', () => {
  it('names what is asked of it, and the remedy', () =>
    withModel({ metric: null }, async (model) => {
      const [z, a] = [randomTensor('z', [2, 4]), randomTensor('a', [2, 6])];
      const error = (part: string) =>
        expect.objectContaining({
          code: 'bad-model',
          message: expect.stringContaining(
            `model 'tiny' has none: export it with 'graphs.${part}', or`,
          ) as string,
        }) as Error;
      await expect(model.prior(z, z)).rejects.toThrow(error('prior'));
      await expect(model.disagreement(z, a)).rejects.toThrow(error('ensemble'));
      await expect(model.gradient(randomJob('a', 2, 5, latentSum))).rejects.toThrow(error('gradient'));
      await expect(model.evaluate([randomJob('a', 2, 5, disagreement)])).rejects.toThrow(error('ensemble'));
      await expect(model.prepare(5, disagreement)).rejects.toThrow(error('ensemble'));
    }));
});

describe('a gradient graph that is not the model’s', () => {
  const weights = [...stepWeights(3)];
  const loaded = (gradient: Uint8Array) => {
    const options = {
      metric: 'embedding',
      heads: true,
      horizon: 3,
      replace: { 'gradient.onnx': gradient },
    } as const;
    return withModel(options, (model) => model.gradient(randomJob('a', 2, 3, metricSum)));
  };

  it('is accepted where it is', async () => {
    const { costs } = await loaded(gradientGraph(drift, push, phi, weights));
    expect(costs).toHaveLength(2);
  });

  it.each([
    [
      'another objective',
      gradientGraph(drift, push, null, weights),
      /its cost is not that of the rollout: expected/,
    ],
    [
      'a slope with the wrong sign',
      flipped(gradientGraph(drift, push, phi, weights)),
      /its gradient is not that/,
    ],
  ])('(%s) is refused at its first use', async (_, graph, message) => {
    await expect(loaded(graph)).rejects.toThrow(message);
  });

  it('has to be of the model’s horizon to load at all', async () => {
    await expect(loaded(gradientGraph(drift, push, phi, [...stepWeights(4)]))).rejects.toThrow(
      /gradient\.onnx: input 'actions' expected float32 \[N, 3, 6\], got float32 \[N, 4, 6\]/,
    );
  });
});

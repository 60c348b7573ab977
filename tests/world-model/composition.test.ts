import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FunctionProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataLocation,
  type ModelProto,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { zeros } from '#src/tensor.js';
import { checkComposition } from '#src/world-model/composition-check.js';
import { loadWorldModel } from '#src/world-model/onnx-world-model.js';
import { refusal } from '#src/world-model/onnx-inline.js';
import type { Rollout } from '#src/world-model/rollout.js';
import { randomJob } from '../fakes/jobs.ts';
import { embeddingGraph, stepGraph } from '../fakes/tiny-graphs.ts';
import { writeTinyModel } from '../fakes/tiny-model.ts';
import { drift, phi, push } from '../fakes/tiny-world.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;

/** A graph after `change`. */
function changed(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

/** Moves `Add` into a function of the model's own. */
const withLocalFunction = (model: ModelProto): void => {
  const add = model.graph!.node.find((node) => node.opType === 'Add')!;
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 18n })];
  const inner = { opType: 'Add', input: ['a', 'b'], output: ['c'] };
  model.functions.push(
    create(FunctionProtoSchema, {
      name: 'Plus',
      domain: 'own',
      input: ['a', 'b'],
      output: ['c'],
      opsetImport,
      node: [inner],
    }),
  );
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'own', version: 1n }));
  add.opType = 'Plus';
  add.domain = 'own';
};

const olderOperators = (model: ModelProto): void => void (model.opsetImport[0]!.version = 17n);

describe('a graph that can not be composed', () => {
  it.each([
    [
      'a local function',
      { 'step.onnx': changed(stepGraph(drift, push), withLocalFunction) },
      /step\.onnx has a local function 'Plus'/,
    ],
    [
      'another operator set',
      { 'metric.onnx': changed(embeddingGraph(phi), olderOperators) },
      /ai\.onnx 18, .*metric\.onnx 17/,
    ],
  ])('(%s) is stepped through, to the same result', async (_, replace, reason) => {
    await using plain = await writeTinyModel({ metric: 'embedding' });
    await using odd = await writeTinyModel({ metric: 'embedding', replace });
    await using composed = await loadWorldModel(plain.folder, cpu);
    await using stepping = await loadWorldModel(odd.folder, cpu);
    expect(stepping.composition).toEqual({
      composed: false,
      reason: expect.stringMatching(reason) as string,
    });
    const objective = { kind: 'metric', over: 'sum' } as const;
    const jobs = ['a', 'b'].map((label) => ({
      ...randomJob(label, 4, 5, objective),
      want: 'latents' as const,
    }));
    const [expected, actual] = [await composed.evaluate(jobs), await stepping.evaluate(jobs)];
    for (const [i, { costs, latents, timeToGo }] of actual.entries()) {
      costs.forEach((cost, n) => expect(cost).toBeCloseTo(expected[i]!.costs[n]!, 4));
      latents!.data.forEach((x, n) => expect(x).toBeCloseTo(expected[i]!.latents!.data[n]!, 4));
      expect(timeToGo!.shape).toEqual([4, 5]);
    }
  });

  it('is refused by the name of what is in the way', () => {
    const external = changed(stepGraph(drift, push), ({ graph }) => {
      graph!.initializer[0]!.dataLocation = TensorProto_DataLocation.EXTERNAL;
    });
    const old = changed(stepGraph(drift, push), (model) => void (model.opsetImport[0]!.version = 12n));
    const why = (bytes: Uint8Array) =>
      refusal([{ file: 'step.onnx', model: fromBinary(ModelProtoSchema, bytes) }]);
    expect(why(external)).toMatch(/step\.onnx keeps '.*' in an external file/);
    expect(why(old)).toMatch(/operator set 12, older than 13/);
    expect(why(stepGraph(drift, push))).toBeNull();
  });
});

describe('the check against single steps', () => {
  it('refuses a composed graph that gives something else', async () => {
    await using written = await writeTinyModel({ metric: null });
    const parts = { metric: false, latentDistance: true, disagreement: false, latents: false };
    const giving =
      (x: number): Rollout =>
      async () => {
        const latentDistance = zeros([3, 2]);
        latentDistance.data.fill(x);
        return { metric: null, latentDistance, disagreement: null, latents: null };
      };
    const check = (x: number) =>
      checkComposition(giving(x), giving(1), written.manifest, { horizon: 2, context: 1 }, parts, 'cpu');
    await check(1.000001);
    await expect(check(1.1)).rejects.toThrow(/'latentDistance' of 2 steps .* at most 0.00001, got 0.10/);
    await expect(check(NaN)).rejects.toThrow(/got Infinity/);
  });
});

describe('a model', () => {
  it('prepares a horizon and an objective ahead, or says why not', async () => {
    await using written = await writeTinyModel({ metric: null });
    await using model = await loadWorldModel(written.folder, cpu);
    await model.prepare(9, {
      kind: 'weighted',
      terms: [
        [1, { kind: 'latent', over: 'sum' }],
        [1, { kind: 'actionChange' }],
      ],
    });
    await expect(model.prepare(9, { kind: 'metric', over: 'sum' })).rejects.toThrow(/needs a metric head/);
  });

  it('closes once, and says so to those who come later', async () => {
    await using written = await writeTinyModel({ metric: 'pair' });
    const model = await loadWorldModel(written.folder, cpu);
    await model[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await expect(model.encode([])).rejects.toThrow("model 'tiny' is closed");
  });
});

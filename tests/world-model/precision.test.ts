import { describe, expect, it } from 'vitest';
import { tensor } from '#src/tensor.js';
import { halfOf, halved } from '#src/world-model/half.js';
import { GraphBuilder } from '#src/world-model/onnx-graph.js';
import { decodeGraph, type ExportedGraph } from '#src/world-model/onnx-inline.js';
import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { loadRuntime } from '#src/world-model/onnx-runtime.js';
import { OnnxSession } from '#src/world-model/onnx-session.js';
import { loadWorldModel } from '#src/world-model/onnx-world-model.js';
import { required, shortcoming, unfit } from '#src/world-model/precision.js';
import { quantizeColumns, quantized } from '#src/world-model/quantize.js';
import { eliteOverlap, rankCorrelation } from '#src/world-model/ranking.js';
import { refine } from '#src/world-model/refine.js';
import { imaginedBy, type Rollout } from '#src/world-model/rollout.js';
import { randomTensor } from '../fakes/jobs.ts';
import { randomMatrix, transpose, type Matrix } from '../fakes/matrix.ts';
import { writeTinyModel } from '../fakes/tiny-model.ts';

const costs = (...values: number[]): Float64Array => Float64Array.from(values);

/** y = x·W + b, as `Gemm` with the weights turned, or as `MatMul` without b. */
function product(weights: Matrix, turned: boolean): ExportedGraph {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['N', weights.rows]);
  const { rows, columns, data } = turned ? transpose(weights) : weights;
  const matrix = g.floats([rows, columns], data);
  const bias = g.floats([weights.columns], Array<number>(weights.columns).fill(0.5));
  const y = turned ? g.op('Gemm', [x, matrix, bias], { transB: 1 }) : g.op('MatMul', [x, matrix]);
  g.output('y', y, ['N', weights.columns]);
  return decodeGraph('product.onnx', g.toBytes());
}

async function run({ model }: ExportedGraph, width: number): Promise<Float32Array> {
  const engine = { runtime: await loadRuntime(), provider: 'cpu', threads: 1 } as const;
  await using session = await OnnxSession.open(engine, toBinary(ModelProtoSchema, model), 'a product');
  const x = randomTensor('x', [7, width]);
  return (await session.run({ x }))['y']!.data;
}

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0);

describe('int8', () => {
  it('rounds each column by its own largest value', () => {
    const { values, scales } = quantizeColumns(Float32Array.of(1, 100, -0.5, 50, 0, 0), 3, 2);
    expect([...values]).toEqual([127, 127, -64, 64, 0, 0]);
    expect(scales[0]).toBeCloseTo(1 / 127);
    expect(scales[1]).toBeCloseTo(100 / 127);
  });

  it.each([true, false])('keeps a product to a hundredth of its size (turned: %s)', async (turned) => {
    const exact = product(randomMatrix('weights', 128, 96), turned);
    const small = quantized(exact);
    expect(small.model.graph!.node.map(({ opType }) => opType)).toContain('DynamicQuantizeMatMul');
    // Sums of 128 products of unit variance have a spread of 11; outliers go to 40.
    expect(largest(await run(small, 128), await run(exact, 128))).toBeLessThan(0.6);
  });

  it('leaves narrow products as they are', () => {
    const exact = product(randomMatrix('weights', 64, 96), true);
    expect(quantized(exact).model.graph!.node).toEqual(exact.model.graph!.node);
  });
});

describe('fp16', () => {
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [1e9, 0x7bff],
    [2 ** -24, 0x0001],
    [2 ** -14, 0x0400],
    [0, 0],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ])('of %d has the bits that IEEE 754 says', (value, bits) => {
    expect(halfOf(value)).toBe(bits);
  });

  it('takes and gives float32, and computes nearly the same', async () => {
    const exact = product(randomMatrix('weights', 128, 96), true);
    expect(largest(await run(halved(exact), 128), await run(exact, 128))).toBeLessThan(0.1);
  });
});

describe('the ranking check', () => {
  it('is Spearman’s correlation and the share of common elites', () => {
    expect(rankCorrelation(costs(1, 2, 3, 4), costs(10, 20, 30, 40))).toBe(1);
    expect(rankCorrelation(costs(1, 2, 3, 4), costs(4, 3, 2, 1))).toBe(-1);
    expect(rankCorrelation(costs(1, 2, 3), costs(1, 3, 2))).toBeCloseTo(0.5);
    expect(rankCorrelation(costs(1, 2, 3), costs(1, NaN, 2))).toBe(0);
    expect(eliteOverlap(costs(1, 2, 3, 4), costs(1, 9, 2, 3), 2)).toBe(0.5);
  });

  it('refuses what ranks otherwise, and what gains nothing unless it was asked for by name', () => {
    const good = { rankCorrelation: 1, eliteOverlap: 1, speedup: 2 };
    expect(shortcoming(good, false)).toBeNull();
    expect(shortcoming({ ...good, rankCorrelation: required.rankCorrelation - 0.01 }, true)).toMatch(
      /ranks plans/,
    );
    expect(shortcoming({ ...good, eliteOverlap: NaN }, true)).toMatch(/ranks plans/);
    expect(shortcoming({ ...good, speedup: 1 }, false)).toMatch(/no gain on this machine: 1.00 times/);
    expect(shortcoming({ ...good, speedup: 1 }, true)).toBeNull();
  });

  it('says which precision a provider has', () => {
    expect(unfit('fp16', 'cpu')).toMatch(/take 'int8' or 'fp32'/);
    expect(unfit('int8', 'cuda')).toMatch(/take 'fp16' or 'fp32'/);
    expect(unfit('int8', 'cpu')).toBeNull();
  });
});

describe('a model', () => {
  it('plans in float32 where int8 gains nothing, and says so', async () => {
    await using written = await writeTinyModel({ metric: 'embedding' });
    await using model = await loadWorldModel(written.folder, {
      provider: 'cpu',
      threads: 1,
      precision: 'auto',
    });
    expect(model.provider.precision).toMatchObject({ used: 'fp32', rejected: [{ name: 'int8' }] });
  });

  it('can not be loaded in a precision that its provider lacks', async () => {
    await using written = await writeTinyModel({ metric: null });
    const loading = loadWorldModel(written.folder, { provider: 'cpu', threads: 1, precision: 'fp16' });
    await expect(loading).rejects.toMatchObject({ code: 'provider' });
  });
});

describe('scoring the best again', () => {
  it('gives the best exact scores, and none of the others a better one', async () => {
    await using written = await writeTinyModel({ metric: null });
    const count = 12;
    const latentDistance = (values: readonly number[]): ReturnType<Rollout> =>
      Promise.resolve(
        imaginedBy((part) =>
          part === 'latentDistance' ? tensor([values.length, 1], Float32Array.from(values)) : null,
        ),
      );
    const job = {
      context: { latents: randomTensor('z', [1, 4]), actions: tensor([0, 6], new Float32Array(0)) },
      goal: randomTensor('g', [4]),
      actions: randomTensor('a', [count, 1, 6]),
      objective: { kind: 'latent', over: 'terminal' },
    } as const;
    const coarse = Float32Array.from({ length: count }, (_, i) => 10 + i);
    const exact: Rollout = ({ actions }) => latentDistance(actions.shape[0] === 2 ? [12.5, 9] : []);
    const [refined] = await refine(
      [job],
      [{ costs: coarse, timeToGo: null, latents: null }],
      exact,
      written.manifest,
    );
    expect([...refined!.costs.slice(0, 4)]).toEqual([12.5, 9, 12.5, 13]);
  });
});

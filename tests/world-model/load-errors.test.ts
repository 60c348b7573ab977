import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { loadWorldModel } from '#src/world-model/onnx-world-model.js';
import { randomMatrix } from '../fakes/matrix.ts';
import { embeddingGraph, pairGraph, stepGraph } from '../fakes/tiny-graphs.ts';
import { writeTinyModel, type TinyModelOptions } from '../fakes/tiny-model.ts';

/** The error of loading a tiny model, after `spoil` did something to its folder. */
async function errorOf(
  options: TinyModelOptions,
  spoil: (folder: string) => Promise<void> = async () => undefined,
): Promise<JepilotError> {
  await using written = await writeTinyModel(options);
  await spoil(written.folder);
  try {
    await using model = await loadWorldModel(written.folder, { provider: 'cpu', threads: 1 });
    expect.fail(`model '${model.manifest.name}' loaded`);
  } catch (error) {
    expect(error).toBeInstanceOf(JepilotError);
    expect((error as Error).message).not.toContain('\n');
    return error as JepilotError;
  }
}

const metric = 'embedding';
const random = (rows: number, columns: number) => randomMatrix('wrong', rows, columns);

describe('a manifest', () => {
  it('with an unknown key is refused by its name', async () => {
    const error = await errorOf({ metric, manifest: { speed: 3 } });
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(/manifest\.json: unknown key 'speed'$/);
    const nested = await errorOf({ metric, manifest: { history: { frames: 2, stride: 1, step: 1 } } });
    expect(nested.message).toMatch(/unknown key 'history.step'$/);
  });

  it('with a wrong value is refused by its place', async () => {
    expect((await errorOf({ metric, manifest: { latentDim: 'four' } })).message).toMatch(
      /'latentDim': .*number/,
    );
    const action = { dim: 3, repeat: 3, mean: [0, 0], std: [1, 1], minimum: [-1, -1], maximum: [1, 1] };
    expect((await errorOf({ metric, manifest: { action } })).message).toMatch(
      /'action.mean' expected 3 values/,
    );
  });

  it('that contradicts itself about heads is refused', async () => {
    expect((await errorOf({ metric, manifest: { metric: null } })).message).toMatch(/'metric' is null/);
    const directed = { kind: 'embedding', directed: true, dim: 3 };
    expect((await errorOf({ metric, manifest: { metric: directed } })).message).toMatch(/graphs.metricGoal/);
  });

  it('that contradicts itself about a product is refused', async () => {
    const product = { kind: 'product', directed: true, dim: 3 };
    expect((await errorOf({ metric, manifest: { metric: product } })).message).toMatch(
      /directed product, but 'graphs.metricGoal' is missing/,
    );
    const symmetric = { metric: 'product', manifest: { metric: { ...product, directed: false } } } as const;
    expect((await errorOf(symmetric)).message).toMatch(/always directed, but 'metric.directed' is false/);
  });

  it('that calibrates what the model lacks, or misspells it, is refused', async () => {
    const surprise = { threshold: 1, falseAlarmRate: 0.01, teleportDetection: 0.9 };
    const disagreement = { threshold: 1, falseAlarmRate: 0.01 };
    const reached = { threshold: 4, dwell: 3, falseStopRate: 0, hitRate: 1 };
    const wrong = async (options: TinyModelOptions, calibration: object) =>
      (await errorOf({ ...options, manifest: { calibration } })).message;
    expect(await wrong({ metric }, { surprise, disagreement })).toMatch(/'graphs.ensemble' is missing/);
    expect(await wrong({ metric: null }, { surprise, reached })).toMatch(/'metric' is null/);
    expect(await wrong({ metric }, { surprise: { ...surprise, rate: 1 } })).toMatch(
      /unknown key 'calibration.surprise.rate'/,
    );
    await using whole = await writeTinyModel({
      metric,
      heads: true,
      manifest: { calibration: { surprise, disagreement, reached } },
    });
    await using model = await loadWorldModel(whole.folder, { provider: 'cpu', threads: 1 });
    expect(model.manifest.calibration).toEqual({ surprise, disagreement, reached });
  });

  it('that is no JSON, or not there, is named', async () => {
    const spoilt = await errorOf({ metric }, (folder) => writeFile(join(folder, 'manifest.json'), '{'));
    expect(spoilt.message).toMatch(/manifest\.json is not JSON/);
    const missing = await errorOf({ metric }, (folder) => rm(join(folder, 'manifest.json')));
    expect(missing.code).toBe('io');
  });
});

describe('a graph', () => {
  it('that is not the one of the manifest is refused by its checksum', async () => {
    const error = await errorOf({ metric }, async (folder) => {
      const path = join(folder, 'step.onnx');
      const bytes = await readFile(path);
      bytes[100]! ^= 1;
      await writeFile(path, bytes);
    });
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(
      /step\.onnx is not the file that manifest\.json describes: SHA-256 expected/,
    );
  });

  it.each(['encoder.onnx', 'step.onnx', 'metric.onnx'])('%s cut short is named', async (file) => {
    const bytes = stepGraph(random(4, 4), random(6, 4)).slice(0, 150);
    const error = await errorOf({ metric, replace: { [file]: bytes } });
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(new RegExp(`${file} (does not load|is not a whole ONNX file)`));
  });

  it('of another shape is refused: graph, value, expected, got', async () => {
    const step = stepGraph(random(4, 4), random(5, 4));
    expect((await errorOf({ metric, replace: { 'step.onnx': step } })).message).toMatch(
      /step\.onnx: input 'action' expected float32 \[N, 6\], got float32 \[N, 5\]$/,
    );
    const embedding = embeddingGraph(random(4, 2));
    expect((await errorOf({ metric, replace: { 'metric.onnx': embedding } })).message).toMatch(
      /metric\.onnx: output 'embedding' expected float32 \[N, 3\], got float32 \[N, 2\]$/,
    );
    const manifest = { cameras: [{ name: 'top', width: 8, height: 9 }] };
    expect((await errorOf({ metric, manifest })).message).toMatch(
      /encoder\.onnx: input 'frames' expected uint8 \[B, 2, 9, 8, 3\], got uint8 \[B, 2, 8, 8, 3\]$/,
    );
  });

  it('with other inputs is refused by their names', async () => {
    const error = await errorOf({ metric, replace: { 'metric.onnx': pairGraph(random(4, 3)) } });
    expect(error.message).toMatch(/metric\.onnx: expected input 'latent', got 'latent', 'goal'$/);
  });
});

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '#src/world-model/manifest.js';
import { stepWeights } from '#src/world-model/objective-cost.js';
import {
  embeddingGraph,
  encoderGraph,
  ensembleGraph,
  gradientGraph,
  pairGraph,
  priorGraph,
  stepGraph,
} from './tiny-graphs.ts';
import { goldenOf, type Golden } from './tiny-golden.ts';
import {
  colour,
  doubt,
  drift,
  lean,
  phi,
  play,
  psi,
  push,
  tiny,
  tinyAction,
  worldOf,
  type TinyMetric,
  type TinyWorld,
} from './tiny-world.ts';

export interface TinyModelOptions {
  readonly metric: TinyMetric;
  readonly horizon?: number;
  /** With action prior and ensemble; and the gradient graph, for a model without a metric or with an embedding. */
  readonly heads?: boolean;
  /** The metric that `golden.json` is computed with; default the model's own. */
  readonly golden?: TinyMetric;
  /** Files to put in place of the true ones, before checksums are taken. */
  readonly replace?: Readonly<Record<string, Uint8Array>>;
  /** Changes to the manifest, after checksums are taken. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

export interface TinyModel extends AsyncDisposable {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly world: TinyWorld;
}

/** Writes a whole model folder, with real graphs of a linear world, somewhere temporary. Disposing removes it. */
export async function writeTinyModel(options: TinyModelOptions): Promise<TinyModel> {
  const folder = await mkdtemp(join(tmpdir(), 'jepilot-tiny-model-'));
  const world = worldOf(options.metric);
  const files: Record<string, Uint8Array> = {
    'encoder.onnx': encoderGraph(tiny.frames, tiny.size, colour),
    'step.onnx': stepGraph(drift, push),
    ...metricFiles(options.metric),
    ...(options.heads && headFiles(options)),
    'golden.json': new TextEncoder().encode(JSON.stringify(goldenFor(options))),
    ...options.replace,
  };
  const manifest = manifestOf(options, files);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ ...manifest, ...options.manifest }, null, 2),
  );
  return { folder, manifest, world, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function metricFiles(metric: TinyMetric): Record<string, Uint8Array> {
  if (metric === null) return {};
  if (metric === 'pair') return { 'metric.onnx': pairGraph(phi) };
  if (metric === 'embedding') return { 'metric.onnx': embeddingGraph(phi) };
  return { 'metric.onnx': embeddingGraph(phi), 'metric-goal.onnx': embeddingGraph(psi) };
}

/** Whether there is a gradient graph for this metric. */
const differentiable = (metric: TinyMetric): boolean => metric === null || metric === 'embedding';

function goldenFor({ metric, golden = metric, heads, horizon = 5 }: TinyModelOptions): Golden {
  return goldenOf(worldOf(golden), heads ? { gradient: differentiable(metric) ? horizon : null } : null);
}

function headFiles({ metric, horizon = 5 }: TinyModelOptions): Record<string, Uint8Array> {
  const files = { 'prior.onnx': priorGraph(lean, play), 'ensemble.onnx': ensembleGraph(doubt) };
  if (!differentiable(metric)) return files;
  const weights = [...stepWeights(horizon)];
  return { ...files, 'gradient.onnx': gradientGraph(drift, push, metric ? phi : null, weights) };
}

function manifestOf(
  { metric, horizon = 5 }: TinyModelOptions,
  files: Record<string, Uint8Array>,
): ModelManifest {
  const entry = (file: string): { file: string; sha256: string } => ({
    file,
    sha256: createHash('sha256').update(files[file]!).digest('hex'),
  });
  const kind = metric === 'pair' || metric === 'product' ? metric : 'embedding';
  const twoTowers = metric === 'directed' || metric === 'product';
  const optional = ['action', 'window', 'prior', 'ensemble', 'gradient'].filter(
    (role) => `${role}.onnx` in files,
  );
  return {
    format: 'jepilot-model/1',
    name: 'tiny',
    task: 'none',
    description: 'A linear world.',
    cameras: [{ name: tiny.camera, width: tiny.size, height: tiny.size }],
    history: { frames: tiny.frames, stride: 1 },
    action: {
      ...tinyAction,
      mean: [...tinyAction.mean],
      std: [...tinyAction.std],
      minimum: [-1, -1],
      maximum: [1, 1],
    },
    latentDim: tiny.latentDim,
    graphs: {
      encoder: entry('encoder.onnx'),
      step: entry('step.onnx'),
      ...(metric && { metric: entry('metric.onnx') }),
      ...(twoTowers && { metricGoal: entry('metric-goal.onnx') }),
      ...Object.fromEntries(optional.map((role) => [role, entry(`${role}.onnx`)])),
    },
    metric: metric && { kind, directed: metric !== 'embedding', dim: tiny.embeddingDim },
    planning: {
      planner: 'cem',
      horizon,
      samples: 16,
      iterations: 3,
      elites: 4,
      replanInterval: 3,
      objective: { kind: metric ? 'metric' : 'latent', over: 'sum' },
    },
    golden: entry('golden.json'),
    coverage: {},
    diagnostics: {},
    provenance: {
      revision: 'none',
      command: 'writeTinyModel',
      config: {},
      data: { sha256: '', episodes: 0, steps: 0, seed: 0, command: '' },
      seconds: 0,
      device: 'cpu',
      machine: 'none',
      date: '2026-01-01',
      torch: 'none',
    },
  };
}

import type { Extent } from './batch.ts';
import type { ModelManifest } from './manifest.ts';
import { contextOf } from './manifest.ts';
import { GraphBuilder, type Value } from './onnx-graph.ts';
import { Inliner, mergedOperatorSets, type ExportedGraph } from './onnx-inline.ts';
import type { Parts } from './rollout.ts';
import { pick, unroll, type Composition, type RolloutGraphs, type Start } from './unroll.ts';

export const graphsOf = (graphs: RolloutGraphs): readonly ExportedGraph[] => {
  const { step, action, window, metric, metricGoal, ensemble } = graphs;
  return [step, action, window, metric, metricGoal, ensemble].filter((graph) => graph !== null);
};

/**
 * One graph for a whole rollout of `horizon` steps, so that a population costs one run.
 * Inputs: `latent` [J, D], `goal` [J, D], `job` int32 [N], `actions` [N, H, A] in raw units. For a predictor with a
 * context `latent` is [J, T, D], and from T = 2 on there is `executed` [J, T-1, A].
 * Outputs, as `parts` asks: `metric`, `latentDistance` and `disagreement` [N, H], `latents` [N, H, D].
 * Goals are embedded once a job, the imagined latents of all steps in one batch.
 */
export function compose(
  graphs: RolloutGraphs,
  manifest: ModelManifest,
  { horizon, context }: Extent,
  parts: Parts,
): Uint8Array {
  const g = new GraphBuilder(mergedOperatorSets(graphsOf(graphs)));
  const { latentDim } = manifest;
  const job = g.input('job', 'int32', ['N']);
  const composition: Composition = { g, inliner: new Inliner(g), graphs, manifest, horizon, job };
  const start = startOf(composition, context);
  const goal = g.input('goal', 'float32', ['J', latentDim]);
  const actions = normalised(composition, 'actions', ['N', horizon]);
  const latents = unroll(composition, start, actions);
  if (parts.metric) g.output('metric', timeToGo(composition, latents, goal, job), ['N', horizon]);
  if (parts.latentDistance) {
    g.output('latentDistance', latentDistance(composition, latents, goal, job), ['N', horizon]);
  }
  if (parts.disagreement) {
    const first = g.op('Gather', [start.latents.at(-1)!, job]);
    g.output('disagreement', disagreement(composition, first, latents, actions), ['N', horizon]);
  }
  if (parts.latents) g.output('latents', latents, ['N', horizon, latentDim]);
  const irVersions = graphsOf(graphs).map(({ model }) => model.irVersion);
  return g.toBytes(irVersions.reduce((a, b) => (a > b ? a : b)));
}

/** The inputs that say where each job starts. */
function startOf(composition: Composition, context: number): Start {
  const { g, manifest } = composition;
  const { latentDim } = manifest;
  if (contextOf(manifest) === 1)
    return { latents: [g.input('latent', 'float32', ['J', latentDim])], executed: [] };
  const stacked = g.input('latent', 'float32', ['J', context, latentDim]);
  const latents = Array.from({ length: context }, (_, i) => pick(g, stacked, i));
  if (context === 1) return { latents, executed: [] };
  const executed = normalised(composition, 'executed', ['J', context - 1]);
  return { latents, executed: Array.from({ length: context - 1 }, (_, i) => pick(g, executed, i)) };
}

/** An input of raw model actions [...shape, A], normalised. */
function normalised({ g, manifest }: Composition, name: string, shape: readonly (string | number)[]): Value {
  const { dim, repeat, mean, std } = manifest.action;
  const raw = g.input(name, 'float32', [...shape, dim * repeat]);
  const block = (values: readonly number[]): Value =>
    g.floats([dim * repeat], Array(repeat).fill(values).flat());
  return g.op('Div', [g.op('Sub', [raw, block(mean)]), block(std)]);
}

/** Disagreement [N, H] about each step: from `start` [N, D] and all but the last of `latents` [N, H, D]. */
function disagreement(composition: Composition, start: Value, latents: Value, actions: Value): Value {
  const { g, inliner, graphs, manifest, horizon } = composition;
  if (!graphs.ensemble) throw new Error('nobody disagrees without an ensemble');
  const { action, latentDim } = manifest;
  const all = g.op('Concat', [g.op('Unsqueeze', [start, g.integers(1)]), latents], { axis: 1 });
  const before = g.op('Slice', [all, g.integers(0), g.integers(horizon), g.integers(1)]);
  const rows = inliner.apply(graphs.ensemble, {
    latent: g.op('Reshape', [before, g.integers(-1, latentDim)]),
    action: g.op('Reshape', [actions, g.integers(-1, action.dim * action.repeat)]),
  });
  return g.op('Reshape', [rows, g.integers(-1, horizon)]);
}

/** Time to go [N, H] from `latents` [N, H, D] to `goal` [J, D]. */
function timeToGo(composition: Composition, latents: Value, goal: Value, job: Value): Value {
  const { g, inliner, graphs, manifest, horizon } = composition;
  const { metric, metricGoal } = graphs;
  if (!metric || !manifest.metric) throw new Error('there is no time to go without a metric head');
  const rows = g.integers(-1, manifest.latentDim);
  const latent = g.op('Reshape', [latents, rows]);
  if (manifest.metric.kind === 'pair') {
    const goals = g.op('Expand', [perCandidate(g, goal, job), g.integers(1, horizon, 1)]);
    const distances = inliner.apply(metric, { latent, goal: g.op('Reshape', [goals, rows]) });
    return g.op('Reshape', [distances, g.integers(-1, horizon)]);
  }
  const embeddings = inliner.apply(metric, { latent });
  const stacked = g.op('Reshape', [embeddings, g.integers(-1, horizon, manifest.metric.dim)]);
  const target = perCandidate(g, inliner.apply(metricGoal ?? metric, { latent: goal }), job);
  if (manifest.metric.kind === 'product') {
    const product = g.op('ReduceSum', [g.op('Mul', [stacked, target]), g.integers(2)], { keepdims: 0 });
    return g.op('Softplus', [product]);
  }
  return g.op('Sqrt', [squaredDistance(g, stacked, target)]);
}

/** Mean squared distance [N, H] of `latents` [N, H, D] to `goal` [J, D]. */
function latentDistance({ g, manifest }: Composition, latents: Value, goal: Value, job: Value): Value {
  const sum = squaredDistance(g, latents, perCandidate(g, goal, job));
  return g.op('Mul', [sum, g.floats([], [1 / manifest.latentDim])]);
}

/** The row of each candidate's job: [J, X] to [N, 1, X]. */
const perCandidate = (g: GraphBuilder, rows: Value, job: Value): Value =>
  g.op('Unsqueeze', [g.op('Gather', [rows, job]), g.integers(1)]);

/** [N, H, X] and [N, 1, X] to [N, H]. */
function squaredDistance(g: GraphBuilder, a: Value, b: Value): Value {
  const difference = g.op('Sub', [a, b]);
  return g.op('ReduceSum', [g.op('Mul', [difference, difference]), g.integers(2)], { keepdims: 0 });
}

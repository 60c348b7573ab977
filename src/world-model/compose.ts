import type { ModelManifest } from './manifest.ts';
import { GraphBuilder, constantTensor, type Value } from './onnx-graph.ts';
import { Inliner, mergedOperatorSets, type ExportedGraph } from './onnx-inline.ts';
import type { Parts } from './rollout.ts';

/** The graphs that a rollout is made of. */
export interface RolloutGraphs {
  readonly step: ExportedGraph;
  readonly metric: ExportedGraph | null;
  /** ψ of a directed embedding or a product; φ embeds the goal too where this is null. */
  readonly metricGoal: ExportedGraph | null;
  readonly ensemble: ExportedGraph | null;
}

export const graphsOf = ({ step, metric, metricGoal, ensemble }: RolloutGraphs): readonly ExportedGraph[] =>
  [step, metric, metricGoal, ensemble].filter((graph) => graph !== null);

/** What the pieces of a composition share. */
interface Composition {
  readonly g: GraphBuilder;
  readonly inliner: Inliner;
  readonly graphs: RolloutGraphs;
  readonly manifest: ModelManifest;
  readonly horizon: number;
}

/**
 * One graph for a whole rollout of `horizon` steps, so that a population costs one run.
 * Inputs: `latent` [J, D], `goal` [J, D], `job` int32 [N], `actions` [N, H, A] in raw units.
 * Outputs, as `parts` asks: `metric`, `latentDistance` and `disagreement` [N, H], `latents` [N, H, D].
 * Goals are embedded once a job, the imagined latents of all steps in one batch.
 */
export function compose(
  graphs: RolloutGraphs,
  manifest: ModelManifest,
  horizon: number,
  parts: Parts,
): Uint8Array {
  const g = new GraphBuilder(mergedOperatorSets(graphsOf(graphs)));
  const composition: Composition = { g, inliner: new Inliner(g), graphs, manifest, horizon };
  const { latentDim } = manifest;
  const start = g.input('latent', 'float32', ['J', latentDim]);
  const goal = g.input('goal', 'float32', ['J', latentDim]);
  const job = g.input('job', 'int32', ['N']);
  const actions = normalisedActions(composition);
  const first = g.op('Gather', [start, job]);
  const latents = unroll(composition, first, actions);
  if (parts.metric) g.output('metric', timeToGo(composition, latents, goal, job), ['N', horizon]);
  if (parts.latentDistance) {
    g.output('latentDistance', latentDistance(composition, latents, goal, job), ['N', horizon]);
  }
  if (parts.disagreement) {
    g.output('disagreement', disagreement(composition, first, latents, actions), ['N', horizon]);
  }
  if (parts.latents) g.output('latents', latents, ['N', horizon, latentDim]);
  const irVersions = graphsOf(graphs).map(({ model }) => model.irVersion);
  return g.toBytes(irVersions.reduce((a, b) => (a > b ? a : b)));
}

/** The input `actions` [N, H, A], normalised. */
function normalisedActions({ g, manifest, horizon }: Composition): Value {
  const { dim, repeat, mean, std } = manifest.action;
  const raw = g.input('actions', 'float32', ['N', horizon, dim * repeat]);
  const block = (values: readonly number[]): Value =>
    g.floats([dim * repeat], Array(repeat).fill(values).flat());
  return g.op('Div', [g.op('Sub', [raw, block(mean)]), block(std)]);
}

/** The imagined latents [N, H, D] from `start` [N, D] through `actions` [N, H, A]. */
function unroll({ g, inliner, graphs, horizon }: Composition, start: Value, actions: Value): Value {
  const axis = g.integers(1);
  let latent = start;
  const steps = Array.from({ length: horizon }, (_, t) => {
    const index = g.initializer(constantTensor('int32', [], Int32Array.of(t)));
    latent = inliner.apply(graphs.step, { latent, action: g.op('Gather', [actions, index], { axis: 1 }) });
    return g.op('Unsqueeze', [latent, axis]);
  });
  return g.op('Concat', steps, { axis: 1 });
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

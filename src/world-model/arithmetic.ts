import type { ObjectiveSpec } from '../planning/objective.ts';
import { isMatrix } from './onnx-constants.ts';
import type { ExportedGraph } from './onnx-inline.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
import { partsOf } from './rollout.ts';
import type { RolloutGraphs } from './unroll.ts';

/** Floating point operations of a graph's products by constant matrices, for one row of each: a product is two. */
export function productsOf({ model }: ExportedGraph): number {
  const graph = model.graph;
  const sizes = new Map(
    graph?.initializer.filter(isMatrix).map(({ name, dims }) => [name, Number(dims[0]) * Number(dims[1])]),
  );
  const nodes = graph?.node.filter(({ opType }) => opType === 'Gemm' || opType === 'MatMul') ?? [];
  return nodes.reduce((sum, { input }) => sum + 2 * (sizes.get(input[1] ?? '') ?? 0), 0);
}

/**
 * What one imagined step of one candidate takes as the model defines it, in floating point operations: the predictor on
 * its whole window in float32, and the heads that the objective needs. Work that an engine saves does not lower it.
 */
export function flopsPerEvaluation(
  { step, metric, ensemble }: RolloutGraphs,
  manifest: ModelManifest,
  objective: ObjectiveSpec,
): number {
  const parts = partsOf(objective);
  return (
    contextOf(manifest) * productsOf(step) +
    (metric && parts.metric ? productsOf(metric) : 0) +
    (ensemble && parts.disagreement ? productsOf(ensemble) : 0)
  );
}

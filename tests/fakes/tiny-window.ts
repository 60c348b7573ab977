import { GraphBuilder, type Value } from '#src/world-model/onnx-graph.js';
import type { Matrix } from './matrix.ts';

const weights = (g: GraphBuilder, { rows, columns, data }: Matrix): Value => g.floats([rows, columns], data);

/**
 * A predictor that sees up to three latents: the mean over its window of z·drift + a·push, each weighed by where it
 * stands, so that a latent in another place means something else. Latents [N, T, D], actions [N, T, A].
 */
export function contextStepGraph(drift: Matrix, push: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', 'T', drift.rows]);
  const action = g.input('action', 'float32', ['N', 'T', push.rows]);
  const moved = g.op('MatMul', [latent, weights(g, drift)]);
  const both = g.op('Add', [moved, g.op('MatMul', [action, weights(g, push)])]);
  const length = g.op('Gather', [g.op('Shape', [latent]), g.integers(1)], { axis: 0 });
  const places = g.op('Slice', [g.floats([3, 1], [1, 2, 3]), g.integers(0), length, g.integers(0)]);
  const weighed = g.op('Mul', [both, places]);
  g.output('next', g.op('ReduceMean', [weighed, g.integers(1)], { keepdims: 0 }), ['N', drift.columns]);
  return g.toBytes();
}

/** What an action means to that predictor. */
export function actionGraph(push: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const action = g.input('action', 'float32', ['N', push.rows]);
  g.output('pushed', g.op('MatMul', [action, weights(g, push)]), ['N', push.columns]);
  return g.toBytes();
}

/** The same predictor position by position; `places` are the weights of the three. */
export function windowGraph(drift: Matrix, places: readonly number[] = [1, 2, 3]): Uint8Array {
  const g = new GraphBuilder();
  const size = drift.columns;
  const matrix = weights(g, drift);
  const past: Value[] = [];
  places.forEach((place, p) => {
    const latent = g.input(`latent.${p}`, 'float32', ['N', size]);
    const code = g.input(`code.${p}.pushed`, 'float32', ['N', size]);
    const both = g.op('Add', [g.op('MatMul', [latent, matrix]), code]);
    const own = g.op('Mul', [both, g.floats([], [place])]);
    const sum = past.reduce((a, b) => g.op('Add', [a, b]), own);
    g.output(`next.${p}`, g.op('Mul', [sum, g.floats([], [1 / (p + 1)])]), ['N', size]);
    if (p === places.length - 1) return;
    g.output(`present.${p}.part`, own, ['N', size]);
    past.push(g.input(`past.${p}.part`, 'float32', ['N', size]));
  });
  return g.toBytes();
}

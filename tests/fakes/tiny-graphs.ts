import { GraphBuilder } from '#src/world-model/onnx-graph.js';
import type { Matrix } from './matrix.ts';

const weights = (g: GraphBuilder, { rows, columns, data }: Matrix): string => g.floats([rows, columns], data);

/** u8 [B,k,S,S,3] to [B,D]: mean colour of each frame in [0, 1], times `colour` [3k, D]. */
export function encoderGraph(frames: number, size: number, colour: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const pixels = g.op('Cast', [g.input('frames', 'uint8', ['B', frames, size, size, 3])], { to: 1 });
  const means = g.op('ReduceMean', [pixels, g.integers(2, 3)], { keepdims: 0 });
  const flat = g.op('Reshape', [means, g.integers(-1, 3 * frames)]);
  const scaled = g.op('Div', [flat, g.floats([], [255])]);
  g.output('latent', g.op('MatMul', [scaled, weights(g, colour)]), ['B', colour.columns]);
  return g.toBytes();
}

/** z' = z·drift + a·push. */
export function stepGraph(drift: Matrix, push: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', drift.rows]);
  const action = g.input('action', 'float32', ['N', push.rows]);
  const moved = g.op('MatMul', [latent, weights(g, drift)]);
  g.output('next', g.op('Add', [moved, g.op('MatMul', [action, weights(g, push)])]), ['N', drift.columns]);
  return g.toBytes();
}

/** z·projection. */
export function embeddingGraph(projection: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', projection.rows]);
  g.output('embedding', g.op('MatMul', [latent, weights(g, projection)]), ['N', projection.columns]);
  return g.toBytes();
}

/** Σ |(z - g)·projection|. */
export function pairGraph(projection: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', projection.rows]);
  const goal = g.input('goal', 'float32', ['N', projection.rows]);
  const projected = g.op('MatMul', [g.op('Sub', [latent, goal]), weights(g, projection)]);
  g.output('distance', g.op('ReduceSum', [g.op('Abs', [projected]), g.integers(1)], { keepdims: 0 }), ['N']);
  return g.toBytes();
}

import { GraphBuilder } from '#src/world-model/onnx-graph.js';
import { transpose, type Matrix } from './matrix.ts';

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

/** mean = (g - z)·lean, std = |z·play| + 0.1. */
export function priorGraph(lean: Matrix, play: Matrix): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', lean.rows]);
  const goal = g.input('goal', 'float32', ['N', lean.rows]);
  const width = ['N', lean.columns] as const;
  g.output('mean', g.op('MatMul', [g.op('Sub', [goal, latent]), weights(g, lean)]), width);
  const spread = g.op('Abs', [g.op('MatMul', [latent, weights(g, play)])]);
  g.output('std', g.op('Add', [spread, g.floats([], [0.1])]), width);
  return g.toBytes();
}

/** Mean square of z·latent + a·action. */
export function ensembleGraph(doubt: { latent: Matrix; action: Matrix }): Uint8Array {
  const g = new GraphBuilder();
  const latent = g.input('latent', 'float32', ['N', doubt.latent.rows]);
  const action = g.input('action', 'float32', ['N', doubt.action.rows]);
  const [z, a] = [
    g.op('MatMul', [latent, weights(g, doubt.latent)]),
    g.op('MatMul', [action, weights(g, doubt.action)]),
  ];
  const between = g.op('Add', [z, a]);
  g.output(
    'disagreement',
    g.op('ReduceMean', [g.op('Mul', [between, between]), g.integers(1)], { keepdims: 0 }),
    ['N'],
  );
  return g.toBytes();
}

/**
 * Cost and gradient of plans of the linear world z' = z·drift + a·push: the weighted sum over steps of the mean squared
 * distance to the goal, or of ‖(z - g)·phi‖ where `phi` is given. Backwards, λ_t = w_t ∂d/∂z_t + λ_{t+1}·driftᵀ and the
 * gradient of action t is λ_t·pushᵀ.
 */
export function gradientGraph(
  drift: Matrix,
  push: Matrix,
  phi: Matrix | null,
  stepWeights: readonly number[],
): Uint8Array {
  const g = new GraphBuilder();
  const horizon = stepWeights.length;
  const latent = g.input('latent', 'float32', [1, drift.rows]);
  const goal = g.input('goal', 'float32', [1, drift.rows]);
  const actions = g.input('actions', 'float32', ['N', horizon, push.rows]);
  const steps: { cost: string; slope: string }[] = [];
  let z = latent;
  for (const [t, weight] of stepWeights.entries()) {
    const action = g.op('Squeeze', [
      g.op('Slice', [actions, g.integers(t), g.integers(t + 1), g.integers(1)]),
      g.integers(1),
    ]);
    z = g.op('Add', [g.op('MatMul', [z, weights(g, drift)]), g.op('MatMul', [action, weights(g, push)])]);
    steps.push(distanceAndSlope(g, g.op('Sub', [z, goal]), drift.rows, phi, weight));
  }
  g.output(
    'cost',
    g.op(
      'Sum',
      steps.map(({ cost }) => cost),
    ),
    ['N'],
  );
  const back = { drift: weights(g, transpose(drift)), push: weights(g, transpose(push)) };
  let adjoint: string | null = null;
  const gradients: string[] = [];
  for (const { slope } of steps.toReversed()) {
    adjoint = adjoint === null ? slope : g.op('Add', [slope, g.op('MatMul', [adjoint, back.drift])]);
    gradients.unshift(g.op('Unsqueeze', [g.op('MatMul', [adjoint, back.push]), g.integers(1)]));
  }
  g.output('gradient', g.op('Concat', gradients, { axis: 1 }), ['N', horizon, push.rows]);
  return g.toBytes();
}

/** weight · d [N] of z - g [N, D], and its gradient with respect to z [N, D]. */
function distanceAndSlope(
  g: GraphBuilder,
  difference: string,
  width: number,
  phi: Matrix | null,
  weight: number,
) {
  const scale = g.floats([], [weight]);
  if (!phi) {
    const mean = g.op('ReduceMean', [g.op('Mul', [difference, difference]), g.integers(1)], { keepdims: 0 });
    const twice = g.op('Mul', [difference, g.floats([], [(2 * weight) / width])]);
    return { cost: g.op('Mul', [mean, scale]), slope: twice };
  }
  const embedded = g.op('MatMul', [difference, weights(g, phi)]);
  const length = g.op('Sqrt', [
    g.op('ReduceSum', [g.op('Mul', [embedded, embedded]), g.integers(1)], { keepdims: 1 }),
  ]);
  const along = g.op('MatMul', [g.op('Div', [embedded, length]), weights(g, transpose(phi))]);
  return {
    cost: g.op('Mul', [g.op('Squeeze', [length, g.integers(1)]), scale]),
    slope: g.op('Mul', [along, scale]),
  };
}

import type { ObjectiveSpec } from '#src/planning/objective.js';

/** One imagined plan of the linear world. */
export interface LinearRollout {
  /** Places [D] after each model step. */
  readonly path: readonly Float32Array[];
  readonly goal: Float32Array;
  /** Raw actions [H·f·a]. */
  readonly plan: Float32Array;
  readonly dim: number;
  readonly repeat: number;
  /** Where a point gets in one control step at full speed. */
  readonly gain: number;
}

/** Weights of the horizon's steps, rising from 0.3 to 1 and summing to one; or the last step alone. */
function weightsOf(over: 'sum' | 'terminal', horizon: number): number[] {
  const raw = Array.from({ length: horizon }, (_, t) => {
    if (over === 'terminal') return t === horizon - 1 ? 1 : 0;
    return horizon === 1 ? 1 : 0.3 + (0.7 * t) / (horizon - 1);
  });
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

export const squared = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);

/** What the ensemble makes of a step that leads to `z`. */
export const doubtOf = (z: Float32Array): number => z.reduce((sum, x) => sum + x * x, 0);

export function costOf(objective: ObjectiveSpec, imagined: LinearRollout): number {
  const { path, goal, plan, dim, repeat, gain } = imagined;
  switch (objective.kind) {
    case 'metric':
    case 'latent': {
      const weights = weightsOf(objective.over, path.length);
      const far = (z: Float32Array) =>
        objective.kind === 'metric'
          ? Math.sqrt(squared(z, goal)) / (gain * repeat)
          : squared(z, goal) / z.length;
      return path.reduce((sum, z, t) => sum + weights[t]! * far(z), 0);
    }
    case 'actionChange':
      return squared(plan.subarray(dim), plan.subarray(0, -dim)) / (plan.length - dim);
    case 'disagreement':
      return path.reduce((sum, z) => sum + doubtOf(z), 0) / path.length;
    case 'weighted':
      return objective.terms.reduce((sum, [weight, term]) => sum + weight * costOf(term, imagined), 0);
  }
}

/** Of the cost with respect to each raw action, [H·f·a]. */
export function gradientOf(objective: ObjectiveSpec, imagined: LinearRollout): Float32Array {
  const { plan, dim } = imagined;
  const gradient = new Float32Array(plan.length);
  if (objective.kind === 'weighted') {
    for (const [weight, term] of objective.terms) {
      gradientOf(term, imagined).forEach((value, i) => (gradient[i]! += weight * value));
    }
  } else if (objective.kind === 'actionChange') {
    for (let i = dim; i < plan.length; i++) {
      const slope = (2 * (plan[i]! - plan[i - dim]!)) / (plan.length - dim);
      gradient[i]! += slope;
      gradient[i - dim]! -= slope;
    }
  } else {
    const slopes = slopesOf(objective, imagined);
    const block = dim * imagined.repeat;
    // An action moves every place from its own model step on.
    gradient.forEach((_, i) => {
      const later = slopes.slice(Math.floor(i / block));
      gradient[i] = imagined.gain * later.reduce((sum, slope) => sum + slope[i % dim]!, 0);
    });
  }
  return gradient;
}

/** Of the cost with respect to each place, [H][D]. */
function slopesOf(
  objective: Exclude<ObjectiveSpec, { kind: 'weighted' | 'actionChange' }>,
  { path, goal, repeat, gain }: LinearRollout,
): Float32Array[] {
  if (objective.kind === 'disagreement') return path.map((z) => z.map((x) => (2 * x) / path.length));
  const weights = weightsOf(objective.over, path.length);
  return path.map((z, t) => {
    const length = Math.sqrt(squared(z, goal)) || 1;
    const scale = objective.kind === 'latent' ? 2 / z.length : 1 / (length * gain * repeat);
    return z.map((x, j) => weights[t]! * scale * (x - goal[j]!));
  });
}

import { JepilotError } from '../errors.ts';
import type { ObjectiveSpec } from '../planning/objective.ts';
import { extent, type Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import { requirePart } from './optional-parts.ts';
import type { Imagined } from './rollout.ts';

/** Throws `bad-model` when `objective` needs a head that the model doesn't have. */
export function checkObjective(objective: ObjectiveSpec, manifest: ModelManifest): void {
  if (objective.kind === 'weighted') {
    for (const [, term] of objective.terms) checkObjective(term, manifest);
  }
  if (objective.kind === 'metric' && !manifest.metric) {
    throw new JepilotError(
      'bad-model',
      `objective 'metric' needs a metric head; model '${manifest.name}' has none`,
    );
  }
  if (objective.kind === 'disagreement') requirePart(manifest, 'ensemble', "objective 'disagreement'");
}

/** The cost of each candidate, [N], to be minimised. A cost that isn't finite is Infinity. */
export function costsOf(
  objective: ObjectiveSpec,
  imagined: Imagined,
  actions: Tensor,
  manifest: ModelManifest,
): Float32Array {
  checkObjective(objective, manifest);
  return Float32Array.from(rawCosts(objective, imagined, actions, manifest), (cost) =>
    Number.isFinite(cost) ? cost : Infinity,
  );
}

function rawCosts(
  objective: ObjectiveSpec,
  imagined: Imagined,
  actions: Tensor,
  manifest: ModelManifest,
): Float64Array {
  switch (objective.kind) {
    case 'metric':
      return overSteps(imagined.metric!, objective.over);
    case 'latent':
      return overSteps(imagined.latentDistance!, objective.over);
    case 'actionChange':
      return actionChange(actions, manifest);
    case 'disagreement':
      return meanOverSteps(imagined.disagreement!);
    case 'weighted': {
      const total = new Float64Array(extent(actions, 0));
      for (const [weight, term] of objective.terms) {
        rawCosts(term, imagined, actions, manifest).forEach((cost, i) => (total[i]! += weight * cost));
      }
      return total;
    }
  }
}

/** Weights of the steps, [H]: they rise from 0.3 to 1 and are scaled to sum to one. */
export function stepWeights(horizon: number): Float64Array {
  const rising = Float64Array.from({ length: horizon }, (_, t) =>
    horizon === 1 ? 1 : 0.3 + (0.7 * t) / (horizon - 1),
  );
  const sum = rising.reduce((a, b) => a + b, 0);
  return rising.map((w) => w / sum);
}

/** [N, H] to [N]. */
function overSteps(values: Tensor, over: 'sum' | 'terminal'): Float64Array {
  const horizon = extent(values, 1);
  const weights = stepWeights(horizon);
  return Float64Array.from({ length: extent(values, 0) }, (_, i) =>
    over === 'terminal'
      ? values.data[i * horizon + horizon - 1]!
      : weights.reduce((sum, w, t) => sum + w * values.data[i * horizon + t]!, 0),
  );
}

/** [N, H] to [N]. */
function meanOverSteps(values: Tensor): Float64Array {
  const horizon = extent(values, 1);
  return Float64Array.from({ length: extent(values, 0) }, (_, i) => {
    const steps = values.data.subarray(i * horizon, (i + 1) * horizon);
    return steps.reduce((sum, value) => sum + value, 0) / horizon;
  });
}

/** Mean squared change between successive raw actions of [N, H, f·a], in units of their standard deviation, [N]. */
function actionChange(actions: Tensor, { action: { dim, std } }: ModelManifest): Float64Array {
  const length = extent(actions, 1) * extent(actions, 2);
  return Float64Array.from({ length: extent(actions, 0) }, (_, i) => {
    let sum = 0;
    for (let j = dim; j < length; j++) {
      const at = i * length + j;
      sum += ((actions.data[at]! - actions.data[at - dim]!) / std[j % dim]!) ** 2;
    }
    return length > dim ? sum / (length - dim) : 0;
  });
}

import { JepilotError } from '../errors.ts';
import type { ObjectiveSpec } from '../planning/objective.ts';
import { canonicalJson } from '../spec.ts';
import { extent, reshape, tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import { requirePart } from './optional-parts.ts';
import { normalised } from './stepping.ts';
import type { CostGradient, Job } from './world-model.ts';

/** Throws `bad-model` unless the model can tell the gradient of this search: its graph fixes horizon and objective. */
export function checkGradientOf(
  manifest: ModelManifest,
  horizon: number,
  objective: ObjectiveSpec,
  who: string,
): void {
  requirePart(manifest, 'gradient', who);
  const own = manifest.planning;
  const wrong = (what: string, has: string, got: string): JepilotError =>
    new JepilotError(
      'bad-model',
      `${who}: the gradient graph of model '${manifest.name}' is for ${what} ${has}, got ${got}; ` +
        'plan with that, or take a sampling planner such as icem',
    );
  if (horizon !== own.horizon) throw wrong('horizon', `${own.horizon}`, `${horizon}`);
  const [has, got] = [canonicalJson(own.objective), canonicalJson(objective)];
  if (has !== got) throw wrong('objective', has, got);
}

/** Runs a gradient graph. By the chain rule, a gradient per normalised action becomes one per raw action. */
export async function gradientOf(
  session: OnnxSession,
  manifest: ModelManifest,
  { context, goal, actions }: Job,
): Promise<CostGradient> {
  const { dim, std } = manifest.action;
  const feeds = {
    latent: context.latents,
    goal: reshape(goal, [1, manifest.latentDim]),
    actions: normalised(manifest, actions),
  };
  const { cost, gradient } = await session.runAll(feeds, {
    cost: [extent(actions, 0)],
    gradient: actions.shape,
  });
  return {
    costs: cost.data.map((value) => (Number.isFinite(value) ? value : Infinity)),
    gradient: tensor(
      actions.shape,
      gradient.data.map((value, i) => value / std[i % dim]!),
    ),
  };
}

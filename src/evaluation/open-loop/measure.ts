import { mean, standardDeviation } from 'simple-statistics';
import type { RecordedData } from '../../dataset/recorded-data.ts';
import type { ObjectiveSpec } from '../../planning/objective.ts';
import type { Rng } from '../../rng.ts';
import { concat, reshape, slice, tensor, zeros, type Tensor } from '../../tensor.ts';
import type { WorldModel } from '../../world-model/world-model.ts';
import { drawClips, rowsAt, type LatentClip } from './clips.ts';
import type { OpenLoopResult } from './result.ts';

export interface OpenLoopOptions {
  readonly clips: number;
  /** Model steps. */
  readonly horizon: number;
  /** Other clips' action sequences that the true one is ranked among. */
  readonly samples: number;
  /** Name of the data set, for messages and the report. */
  readonly place: string;
}

function meanSquared(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return sum / a.data.length;
}

/** Error per dimension after each model step; `actionsOf` gives the actions [B, A] of a step. */
async function rollout(
  model: WorldModel,
  clips: readonly LatentClip[],
  horizon: number,
  actionsOf: (step: number) => Tensor,
): Promise<number[]> {
  let latents = rowsAt(clips, 'latents', 0);
  const errors: number[] = [];
  for (let step = 0; step < horizon; step++) {
    latents = await model.predict(latents, actionsOf(step));
    errors.push(meanSquared(latents, rowsAt(clips, 'latents', step + 1)));
  }
  return errors;
}

/** The next `n` clips after the i-th, in a circle. */
const othersOf = (clips: readonly LatentClip[], i: number, n: number): LatentClip[] =>
  Array.from({ length: Math.min(n, clips.length - 1) }, (_, k) => clips[(i + 1 + k) % clips.length]!);

/** Where the true actions stand among those of other clips, and how much the objective varies over these. */
async function ranking(model: WorldModel, clips: readonly LatentClip[], samples: number) {
  const { horizon, objective } = model.manifest.planning;
  const actionWidth = model.manifest.action.dim * model.manifest.action.repeat;
  const ranks: number[] = [];
  const variations: number[] = [];
  for (const [i, clip] of clips.entries()) {
    const steps = Math.min(horizon, clip.actions.shape[0] ?? 0);
    const own = (one: LatentClip) => reshape(slice(one.actions, 0, steps), [1, steps, actionWidth]);
    const actions = concat([own(clip), ...othersOf(clips, i, samples).map(own)]);
    const costs = await costsOf(model, clip, actions, steps, objective);
    const [truth = NaN, ...others] = costs;
    ranks.push(others.filter((cost) => cost < truth).length / Math.max(1, others.length));
    const centre = mean(others);
    if (centre !== 0) variations.push(standardDeviation(others) / Math.abs(centre));
  }
  return { trueActionRank: mean(ranks), costVariation: mean(variations) };
}

async function costsOf(
  model: WorldModel,
  clip: LatentClip,
  actions: Tensor,
  steps: number,
  objective: ObjectiveSpec,
): Promise<number[]> {
  const { latentDim, action } = model.manifest;
  const goal = tensor([latentDim], clip.latents.data.slice(steps * latentDim, (steps + 1) * latentDim));
  const context = { latents: slice(clip.latents, 0, 1), actions: zeros([0, action.dim * action.repeat]) };
  const [evaluation] = await model.evaluate([{ context, goal, actions, objective }]);
  return Array.from(evaluation?.costs ?? []);
}

/**
 * What a model imagines of recorded clips against what came: the error of its rollouts by horizon, beside predicting no
 * change and beside rollouts with other clips' actions; and whether its planning objective knows the true actions.
 */
export async function measureOpenLoop(
  model: WorldModel,
  data: RecordedData,
  options: OpenLoopOptions,
  rng: Rng,
): Promise<Omit<OpenLoopResult, 'model' | 'checksum'>> {
  const { horizon, samples, place } = options;
  const clips = await drawClips(model, data, { count: options.clips, horizon, place }, rng);
  const shifted = clips.map((_, i) => clips[(i + 1) % clips.length]!);
  const rolloutError = await rollout(model, clips, horizon, (step) => rowsAt(clips, 'actions', step));
  const shuffledError = await rollout(model, clips, horizon, (step) => rowsAt(shifted, 'actions', step));
  const first = rowsAt(clips, 'latents', 0);
  const persistenceError = rolloutError.map((_, step) =>
    meanSquared(first, rowsAt(clips, 'latents', step + 1)),
  );
  return {
    data: place,
    clips: clips.length,
    rolloutError,
    persistenceError,
    shuffledError,
    ...(await ranking(model, clips, samples)),
    actionSensitivity: (shuffledError.at(-1) ?? NaN) / (rolloutError.at(-1) ?? NaN),
    samples: Math.min(samples, clips.length - 1),
  };
}

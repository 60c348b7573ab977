import { JepilotError } from '../errors.ts';
import { reshape, slice, zeros, type Tensor } from '../tensor.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import type { PlanEvidence } from './plan.ts';
import type { Goal, PlanRequest } from './policy.ts';
import { remember, surpriseOf, type Memory } from './surprise.ts';
import { standingWindow, windowOf } from './window.ts';

/** What a model makes of a request, before anything is planned. */
export interface Present {
  /** Control step of the newest observation. */
  readonly step: number;
  /** [1, D] */
  readonly latent: Tensor;
  /** With the present in it. */
  readonly memory: Memory;
  readonly evidence: Pick<PlanEvidence, 'timeToGo' | 'surprise' | 'encodeMs'>;
}

/** The latent [1, D] of a goal; a latent of another size is `shape-mismatch`. */
export async function goalLatent(model: WorldModel, goal: Goal): Promise<Tensor> {
  const { name, latentDim, history } = model.manifest;
  if (goal.kind === 'observation') return model.encode([standingWindow(goal.value, history)]);
  const { length } = goal.value.data;
  if (length === latentDim) return reshape(goal.value, [1, latentDim]);
  throw new JepilotError(
    'shape-mismatch',
    `goal latent has ${length} values; model '${name}' has ${latentDim}`,
  );
}

/** Encodes the window of a request, and tells how far the goal [1, D] is and how wrong the last prediction was. */
export async function perceive(
  model: WorldModel,
  memory: Memory,
  goal: Tensor,
  request: PlanRequest,
  now: () => number,
): Promise<Present> {
  const { action, history } = model.manifest;
  const window = windowOf(request.observations, history);
  const { step } = window.at(-1)!;
  const began = now();
  const latent = await model.encode([window]);
  const encodeMs = 1000 * (now() - began);
  const remembered = remember(memory, step, latent, request.executed, action.repeat);
  const surprise = await surpriseOf(model, remembered);
  const blocks = await model.timeToGo(latent, goal);
  const timeToGo = blocks && blocks[0]! * action.repeat;
  return { step, latent, memory: remembered, evidence: { timeToGo, surprise, encodeMs } };
}

/** The ensemble's disagreement about the first model step of a plan's rows [R, a]; null without an ensemble. */
export async function disagreementOf(
  model: WorldModel,
  latent: Tensor,
  rows: Tensor,
): Promise<number | null> {
  const { action, graphs } = model.manifest;
  if (!graphs.ensemble) return null;
  const block = reshape(slice(rows, 0, action.repeat), [1, action.repeat * action.dim]);
  return (await model.disagreement(latent, block))[0]!;
}

/** How far the goal [1, D] is, in control steps: now, and along the rows [H·f, a] of a plan. Needs a metric head. */
export async function timesToGo(
  model: WorldModel,
  latent: Tensor,
  goal: Tensor,
  rows: Tensor,
): Promise<Pick<PlanEvidence, 'timeToGo' | 'imaginedTimeToGo'>> {
  const { latentDim, action } = model.manifest;
  const width = action.repeat * action.dim;
  const job = {
    context: { latents: latent, actions: zeros([0, width]) },
    goal: reshape(goal, [latentDim]),
    actions: reshape(rows, [1, rows.data.length / width, width]),
    objective: { kind: 'metric', over: 'terminal' } as const,
  };
  const [imagined] = await model.evaluate([job]);
  const inSteps = (blocks: number): number => blocks * action.repeat;
  const now = await model.timeToGo(latent, goal);
  return { timeToGo: inSteps(now![0]!), imaginedTimeToGo: Array.from(imagined!.timeToGo!.data, inSteps) };
}

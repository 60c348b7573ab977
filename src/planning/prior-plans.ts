import type { Rng } from '../rng.ts';
import { extent, tensor, type Tensor } from '../tensor.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import type { PlanningSpec } from './planner.ts';
import { confine, rowsOf, widthOf } from './population.ts';

/** Where the prior is asked from, and to. Both [1, D]. */
export interface PriorProblem {
  readonly latent: Tensor;
  readonly goal: Tensor;
  readonly spec: PlanningSpec;
}

/** Plans [n, R, a] in raw rows, and the latents [n, D] that they are imagined to lead to, one for each model step. */
export interface PriorPlans {
  readonly rows: Tensor;
  readonly latents: readonly Tensor[];
}

/** A row [1, X], `count` times over. */
const repeated = ({ data }: Tensor, count: number): Tensor =>
  tensor(
    [count, data.length],
    Float32Array.from({ length: count * data.length }, (_, i) => data[i % data.length]!),
  );

/**
 * Plans by the model's goal-conditioned action prior alone, block after block from what the last one is imagined to
 * lead to. The first takes the prior's means, the others draw from its Gaussians. Committed rows stay as they are, and
 * what follows them is within the bounds. Needs `graphs.prior`.
 */
export async function priorPlans(
  model: WorldModel,
  { latent, goal, spec }: PriorProblem,
  count: number,
  rng: Rng,
): Promise<PriorPlans> {
  const block = spec.actionRepeat * spec.actionDim;
  const width = widthOf(spec);
  const data = new Float32Array(count * width);
  const goals = repeated(goal, count);
  const latents: Tensor[] = [];
  let present = repeated(latent, count);
  for (let t = 0; t < spec.horizon; t++) {
    const { mean, std } = await model.prior(present, goals);
    for (let i = 0; i < count * block; i++) {
      const plan = Math.floor(i / block);
      const noise = plan > 0 ? std.data[i]! * rng.normal() : 0;
      data[plan * width + t * block + (i % block)] = mean.data[i]! + noise;
    }
    confine(spec, data);
    present = await model.predict(present, blockOf(data, t, count, block));
    latents.push(present);
  }
  return { rows: tensor([count, rowsOf(spec), spec.actionDim], data), latents };
}

/** The model actions [count, A] of step `t` of flat plans. */
function blockOf(data: Float32Array, t: number, count: number, block: number): Tensor {
  const width = data.length / count;
  const actions = tensor([count, block], new Float32Array(count * block));
  for (let n = 0; n < extent(actions, 0); n++) {
    const from = n * width + t * block;
    actions.data.set(data.subarray(from, from + block), n * block);
  }
  return actions;
}

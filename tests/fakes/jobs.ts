import type { ObjectiveSpec } from '#src/planning/objective.js';
import { rngOf } from '#src/rng.js';
import { sizeOf, tensor, zeros, type Tensor } from '#src/tensor.js';
import type { Job } from '#src/world-model/world-model.js';
import { tiny, tinyAction } from './tiny-world.ts';

/** Standard normal entries, seeded. */
export function randomTensor(label: string, shape: readonly number[]): Tensor {
  const rng = rngOf('tensor', label);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
}

/** A job for a tiny model, seeded by `label`; it wants nothing but costs. */
export const randomJob = (
  label: string,
  candidates: number,
  horizon: number,
  objective: ObjectiveSpec,
): Job => ({
  context: { latents: randomTensor(`${label} start`, [1, tiny.latentDim]), actions: zeros([0, 6]) },
  goal: randomTensor(`${label} goal`, [tiny.latentDim]),
  actions: randomTensor(`${label} actions`, [candidates, horizon, tinyAction.dim * tinyAction.repeat]),
  objective,
});

import { extent, tensor, type Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import type { OnnxSession } from './onnx-session.ts';
import type { ActionPrior } from './world-model.ts';

/** Runs a prior graph for `latents` and `goals`, both [B, D]; what it says in normalised actions becomes raw units. */
export async function priorOf(
  session: OnnxSession,
  { action: { dim, repeat, mean, std } }: ModelManifest,
  latents: Tensor,
  goals: Tensor,
): Promise<ActionPrior> {
  const shape = [extent(latents, 0), dim * repeat];
  const result = await session.runAll({ latent: latents, goal: goals }, { mean: shape, std: shape });
  const scaled = result.std.data.map((value, i) => value * std[i % dim]!);
  const moved = result.mean.data.map((value, i) => value * std[i % dim]! + mean[i % dim]!);
  return { mean: tensor(shape, moved), std: tensor(shape, scaled) };
}

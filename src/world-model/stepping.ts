import { extent, reshape, tensor, zeros, type Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import { gatherRows, squaredDistance, timeToGo } from './metric-head.ts';
import type { ModelSessions } from './model-sessions.ts';
import type { Parts, Rollout, RolloutInput } from './rollout.ts';

/** Raw model actions [..., A] as the predictor takes them: (a - mean) / std, for each of the `repeat` raw actions. */
export function normalised(manifest: ModelManifest, actions: Tensor): Tensor {
  const { mean, std, dim } = manifest.action;
  return tensor(
    actions.shape,
    actions.data.map((value, i) => (value - mean[i % dim]!) / std[i % dim]!),
  );
}

/** A rollout that runs the step graph once a step: the reference of the composed one, and its stand-in. */
export const steppingRollout =
  (sessions: ModelSessions, manifest: ModelManifest, parts: Parts): Rollout =>
  async (input) => {
    const latents = await imagine(sessions, manifest, input);
    const [n, horizon, width] = [extent(latents, 0), extent(latents, 1), extent(latents, 2)];
    const rows = tensor([n * horizon, width], latents.data);
    const jobOf = Int32Array.from({ length: n * horizon }, (_, i) => input.jobOf[Math.floor(i / horizon)]!);
    const metric = parts.metric ? await timeToGo(sessions, manifest, rows, input.goals, jobOf) : null;
    const distance = (i: number): number => squaredDistance(rows, i, input.goals, jobOf[i]!) / width;
    return {
      metric: metric && tensor([n, horizon], metric),
      latentDistance: parts.latentDistance
        ? tensor(
            [n, horizon],
            Float32Array.from({ length: n * horizon }, (_, i) => distance(i)),
          )
        : null,
      disagreement: parts.disagreement ? await disagreement(sessions, manifest, input, latents) : null,
      latents: parts.latents ? latents : null,
    };
  };

/** The ensemble's disagreement [N, H] about each step that led to `after` [N, H, D]. */
async function disagreement(
  sessions: ModelSessions,
  manifest: ModelManifest,
  { latents, jobOf, actions }: RolloutInput,
  after: Tensor,
): Promise<Tensor> {
  const [n, horizon, width] = [extent(after, 0), extent(after, 1), extent(after, 2)];
  const before = zeros([n * horizon, width]);
  const starts = gatherRows(latents, jobOf).data;
  for (let i = 0; i < n; i++) {
    const at = i * horizon * width;
    before.data.set(starts.subarray(i * width, (i + 1) * width), at);
    before.data.set(after.data.subarray(at, at + (horizon - 1) * width), at + width);
  }
  const action = reshape(normalised(manifest, actions), [n * horizon, extent(actions, 2)]);
  const values = await sessions.ensemble!.runOne({ latent: before, action }, [n * horizon]);
  return reshape(values, [n, horizon]);
}

/** The imagined latents [N, H, D]. */
async function imagine(
  sessions: ModelSessions,
  manifest: ModelManifest,
  { latents, jobOf, actions }: RolloutInput,
): Promise<Tensor> {
  const [n, horizon, width] = [extent(actions, 0), extent(actions, 1), extent(latents, 1)];
  const result = zeros([n, horizon, width]);
  const inputs = normalised(manifest, actions);
  let latent = gatherRows(latents, jobOf);
  for (let t = 0; t < horizon; t++) {
    latent = await sessions.step.runOne({ latent, action: atStep(inputs, t) }, [n, width]);
    for (let i = 0; i < n; i++) {
      result.data.set(latent.data.subarray(i * width, (i + 1) * width), (i * horizon + t) * width);
    }
  }
  return result;
}

/** The actions [N, A] of step `t` of [N, H, A]. */
function atStep(actions: Tensor, t: number): Tensor {
  const [n, horizon, width] = [extent(actions, 0), extent(actions, 1), extent(actions, 2)];
  const data = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    const from = (i * horizon + t) * width;
    data.set(actions.data.subarray(from, from + width), i * width);
  }
  return tensor([n, width], data);
}

import { extent, reshape, tensor, zeros, type Tensor } from '../tensor.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
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
  const starts = gatherRows(atStep(latents, extent(latents, 1) - 1), jobOf).data;
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
  input: RolloutInput,
): Promise<Tensor> {
  const { latents, jobOf, executed, actions } = input;
  const [n, horizon, width] = [extent(actions, 0), extent(actions, 1), extent(latents, 2)];
  const result = zeros([n, horizon, width]);
  const future = normalised(manifest, actions);
  const past = normalised(manifest, executed);
  const seen = Array.from({ length: extent(latents, 1) }, (_, i) => gatherRows(atStep(latents, i), jobOf));
  const done = Array.from({ length: extent(executed, 1) }, (_, i) => gatherRows(atStep(past, i), jobOf));
  for (let t = 0; t < horizon; t++) {
    done.push(atStep(future, t));
    const context = contextOf(manifest);
    const feeds =
      context === 1
        ? { latent: seen.at(-1)!, action: done.at(-1)! }
        : { latent: stacked(seen.slice(-context)), action: stacked(done.slice(-context)) };
    const latent = await sessions.step.runOne(feeds, [n, width]);
    seen.push(latent);
    for (let i = 0; i < n; i++) {
      result.data.set(latent.data.subarray(i * width, (i + 1) * width), (i * horizon + t) * width);
    }
  }
  return result;
}

/** What the step graph takes for latents [B, D] and normalised actions [B, A] alone. */
export function stepFeeds(
  manifest: ModelManifest,
  latent: Tensor,
  action: Tensor,
): { latent: Tensor; action: Tensor } {
  if (contextOf(manifest) === 1) return { latent, action };
  return { latent: stacked([latent]), action: stacked([action]) };
}

/** T tensors [N, X] as one [N, T, X]. */
function stacked(parts: readonly Tensor[]): Tensor {
  const [n, width] = [extent(parts[0]!, 0), extent(parts[0]!, 1)];
  const result = zeros([n, parts.length, width]);
  parts.forEach(({ data }, t) => {
    for (let i = 0; i < n; i++)
      result.data.set(data.subarray(i * width, (i + 1) * width), (i * parts.length + t) * width);
  });
  return result;
}

/** The rows [N, X] of step `t` of [N, H, X]. */
function atStep(steps: Tensor, t: number): Tensor {
  const [n, horizon, width] = [extent(steps, 0), extent(steps, 1), extent(steps, 2)];
  const data = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    const from = (i * horizon + t) * width;
    data.set(steps.data.subarray(from, from + width), i * width);
  }
  return tensor([n, width], data);
}

import { JepilotError } from '../errors.ts';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '../tensor.ts';
import { randomInput, tolerance } from './composition-check.ts';
import type { ModelManifest } from './manifest.ts';
import type { ProviderName } from './onnx-session.ts';
import type { CostGradient, Job } from './world-model.ts';

/** Distance walked along the gradient, in standard deviations of the whole plan's actions. */
const STRIDE = 0.1;

/** How the check asks: costs and gradient as the graph tells them, and costs as the rollout has them. */
export interface GradientUnderTest {
  readonly label: string;
  readonly manifest: ModelManifest;
  readonly provider: ProviderName;
  tell(job: Job): Promise<CostGradient>;
  costs(job: Job): Promise<Float32Array>;
}

/**
 * Throws `bad-model` unless a gradient graph is true to the rollout, on one seeded batch: its costs are the same, and
 * along its gradient they grow as fast as it says, to 10 %.
 */
export async function checkGradient(graph: GradientUnderTest): Promise<void> {
  const { label, manifest } = graph;
  const job = randomJob(manifest);
  const told = await graph.tell(job);
  const costs = await graph.costs(job);
  const { lengths, unit } = directions(manifest, told.gradient);
  const after = async (by: number): Promise<Float32Array> =>
    graph.costs({ ...job, actions: walk(job.actions, unit, by) });
  const [up, down] = [await after(STRIDE / 2), await after(-STRIDE / 2)];
  const require = (what: string, expected: number, got: number, limit: number): void => {
    if (Math.abs(got - expected) <= limit) return;
    const numbers = `expected ${expected.toPrecision(4)}, got ${got.toPrecision(4)}`;
    throw new JepilotError('bad-model', `${label}: its ${what} is not that of the rollout: ${numbers}`);
  };
  costs.forEach((cost, n) => {
    const noise = 10 * tolerance(graph.provider) * Math.max(1, Math.abs(cost));
    require('cost', cost, told.costs[n]!, noise);
    const slope = (up[n]! - down[n]!) / STRIDE;
    require('gradient', slope, lengths[n]!, 0.1 * Math.abs(slope) + noise / STRIDE);
  });
}

/** Three plans from one latent, as the check of compositions draws them. */
function randomJob(manifest: ModelManifest): Job {
  const { horizon, objective } = manifest.planning;
  const { latents, goals, actions } = randomInput(manifest, horizon);
  const context = {
    latents: reshape(slice(latents, 0, 1), [1, manifest.latentDim]),
    actions: zeros([0, extent(actions, 2)]),
  };
  return { context, goal: reshape(slice(goals, 0, 1), [manifest.latentDim]), actions, objective };
}

/** Each candidate's gradient per normalised action: its length [N], and its unit vector as raw actions [N, H, A]. */
function directions({ action: { dim, std } }: ModelManifest, gradient: Tensor) {
  const n = extent(gradient, 0);
  const size = gradient.data.length / n;
  const own = gradient.data.map((value, i) => value * std[i % dim]!);
  const lengths = Array.from({ length: n }, (_, row) =>
    Math.hypot(...own.subarray(row * size, (row + 1) * size)),
  );
  const raw = own.map((value, i) => (value / (lengths[Math.floor(i / size)]! || 1)) * std[i % dim]!);
  return { lengths, unit: tensor(gradient.shape, raw) };
}

const walk = (actions: Tensor, unit: Tensor, by: number): Tensor =>
  tensor(
    actions.shape,
    actions.data.map((value, i) => value + by * unit.data[i]!),
  );

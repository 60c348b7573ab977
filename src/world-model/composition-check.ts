import { JepilotError } from '../errors.ts';
import { rngOf } from '../rng.ts';
import { extent, sizeOf, tensor, type Tensor } from '../tensor.ts';
import type { Extent } from './batch.ts';
import type { ModelManifest } from './manifest.ts';
import type { ProviderName } from './onnx-session.ts';
import { partNames, type Parts, type Rollout, type RolloutInput } from './rollout.ts';

/** Largest difference allowed, relative to max(1, |x|). GPUs pick another kernel for another batch, and round more. */
export const tolerance = (provider: ProviderName): number => (provider === 'cpu' ? 1e-5 : 1e-3);

/** A seeded batch: two jobs, three candidates, latents of unit variance, actions as in the training data. */
export function randomInput(manifest: ModelManifest, horizon: number, context = 1): RolloutInput {
  const rng = rngOf('composition-check', manifest.name, horizon);
  const { dim, repeat, mean, std } = manifest.action;
  const normal = (shape: readonly number[]): Tensor =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
    );
  const raw = (shape: readonly number[]): Tensor => {
    const actions = normal([...shape, dim * repeat]);
    return { ...actions, data: actions.data.map((x, i) => mean[i % dim]! + std[i % dim]! * x) };
  };
  return {
    latents: normal([2, context, manifest.latentDim]),
    executed: raw([2, context - 1]),
    goals: normal([2, manifest.latentDim]),
    jobOf: Int32Array.of(0, 1, 0),
    actions: raw([3, horizon]),
  };
}

/** Throws `bad-model` unless the composed graph gives what single steps give, on one seeded batch. */
export async function checkComposition(
  composed: Rollout,
  stepping: Rollout,
  manifest: ModelManifest,
  { horizon, context }: Extent,
  parts: Parts,
  provider: ProviderName,
): Promise<void> {
  const input = randomInput(manifest, horizon, context);
  const [actual, expected] = [await composed(input), await stepping(input)];
  const limit = tolerance(provider);
  for (const name of partNames(parts)) {
    const difference = largestDifference(actual[name]!, expected[name]!);
    if (difference <= limit) continue;
    throw new JepilotError(
      'bad-model',
      `model '${manifest.name}': '${name}' of ${horizon} steps in one graph is not that of single steps: ` +
        `expected a relative difference of at most ${limit}, got ${difference.toPrecision(2)}`,
    );
  }
}

/** max |a - b| / max(1, |b|); Infinity where one of them is not a number. */
function largestDifference(a: Tensor, b: Tensor): number {
  if (extent(a, 0) !== extent(b, 0) || a.data.length !== b.data.length) return Infinity;
  return b.data.reduce((worst, x, i) => {
    const difference = Math.abs(a.data[i]! - x) / Math.max(1, Math.abs(x));
    return Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }, 0);
}

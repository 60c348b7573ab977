import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { rngOf } from '../rng.ts';
import { sizeOf, tensor, type Tensor } from '../tensor.ts';
import { randomInput } from './composition-check.ts';
import type { Extent } from './batch.ts';
import type { ModelManifest } from './manifest.ts';
import type { ModelFiles } from './model-files.ts';
import type { RolloutInput } from './rollout.ts';

/** Candidates of each problem that a precision is checked on. */
export const PER_JOB = 96;

const rows = z.array(z.array(z.number()));
/** As much of a model's golden vectors as the probe needs: latents that really occur. */
const Golden = z.looseObject({ latents: rows, goals: rows, actions: z.array(rows), rollout: z.array(rows) });
type Golden = z.infer<typeof Golden>;

/** Problems of the kind that a plan meets: from the golden vectors where the model has them, else seeded noise. */
export async function probeInput(
  { folder, manifest }: ModelFiles,
  { horizon, context }: Extent,
): Promise<RolloutInput> {
  const golden = await readGolden(join(folder, manifest.golden.file));
  const noise = randomInput(manifest, horizon, context);
  const start = (golden && startsOf(golden, manifest, context)) ?? noise;
  const jobs = start.goals.shape[0] ?? 0;
  const jobOf = Int32Array.from({ length: jobs * PER_JOB }, (_, i) => Math.floor(i / PER_JOB));
  return { ...start, jobOf, actions: candidates(manifest, jobOf.length, horizon) };
}

async function readGolden(path: string): Promise<Golden | null> {
  try {
    const parsed = Golden.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Each window's first latents and the actions between them, with the next window's goal; null where they are too few. */
function startsOf(
  { latents, goals, actions, rollout }: Golden,
  { latentDim, action: { dim, mean, std } }: ModelManifest,
  context: number,
): Pick<RolloutInput, 'latents' | 'executed' | 'goals'> | null {
  const jobs = Math.min(latents.length, goals.length, actions.length, rollout.length);
  const path = Array.from({ length: jobs }, (_, j) => [latents[j]!, ...rollout[j]!].slice(0, context));
  const done = Array.from({ length: jobs }, (_, j) => actions[j]!.slice(0, context - 1));
  const raw = done.flat(2).map((x, i) => mean[i % dim]! + std[i % dim]! * x);
  const ends = Array.from({ length: jobs }, (_, j) => goals[(j + 1) % jobs]!);
  const states = path.flat(2);
  if (jobs === 0 || states.length !== jobs * context * latentDim) return null;
  return {
    latents: tensor([jobs, context, latentDim], Float32Array.from(states)),
    executed: tensor(
      [jobs, context - 1, raw.length / Math.max(1, jobs * (context - 1))],
      Float32Array.from(raw),
    ),
    goals: tensor([jobs, latentDim], Float32Array.from(ends.flat())),
  };
}

/** Plans of which each leans one way, as a search draws them: half of the variance is the plan's, half the row's. */
function candidates({ action }: ModelManifest, count: number, horizon: number): Tensor {
  const { dim, repeat, mean, std, minimum, maximum } = action;
  const rng = rngOf('precision-probe');
  const shape = [count, horizon, repeat * dim];
  const data = new Float32Array(sizeOf(shape));
  const width = data.length / count;
  for (let n = 0; n < count; n++) {
    const lean = Array.from({ length: dim }, () => rng.normal());
    for (let i = 0; i < width; i++) {
      const a = i % dim;
      const value = mean[a]! + std[a]! * Math.SQRT1_2 * (lean[a]! + rng.normal());
      data[n * width + i] = Math.min(maximum[a]!, Math.max(minimum[a]!, value));
    }
  }
  return tensor(shape, data);
}

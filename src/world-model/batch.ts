import { JepilotError } from '../errors.ts';
import { concat, extent, slice, type Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import { costsOf } from './objective-cost.ts';
import { imaginedBy, type Imagined, type RolloutInput } from './rollout.ts';
import type { Evaluation, Job } from './world-model.ts';

/** Throws `shape-mismatch` unless every job fits the model and all share their horizon. Returns the horizon. */
export function checkJobs(jobs: readonly Job[], manifest: ModelManifest): number {
  const horizon = jobs[0]?.actions.shape[1] ?? 0;
  const width = manifest.action.dim * manifest.action.repeat;
  for (const { context, goal, actions } of jobs) {
    const [rows, latentDim] = context.latents.shape;
    if (rows !== 1) {
      throw mismatch(
        manifest,
        `a context of ${rows ?? 0} latents`,
        'exactly 1 (the predictor sees the present only)',
      );
    }
    if (latentDim !== manifest.latentDim)
      throw mismatch(manifest, `a latent of ${latentDim ?? 0} values`, manifest.latentDim);
    if (goal.data.length !== manifest.latentDim) {
      throw mismatch(manifest, `a goal of ${goal.data.length} values`, manifest.latentDim);
    }
    const [n = 0, h = 0, a = 0] = actions.shape;
    if (n < 1 || h < 1 || h !== horizon || a !== width || actions.shape.length !== 3) {
      const expected = `[N, ${horizon || 'H'}, ${width}] with N and H at least 1, H the same in all jobs of a call`;
      throw mismatch(manifest, `actions [${actions.shape.join(', ')}]`, expected);
    }
  }
  return horizon;
}

const mismatch = (manifest: ModelManifest, got: string, needs: string | number): JepilotError =>
  new JepilotError('shape-mismatch', `a job has ${got}; model '${manifest.name}' needs ${needs}`);

/** The jobs of one call, for one run. One job alone is not copied. */
export function join(jobs: readonly Job[]): RolloutInput {
  const rows = (pick: (job: Job) => Tensor): Tensor =>
    concat(jobs.map((job) => ({ shape: [1, pick(job).data.length], data: pick(job).data })));
  const [only] = jobs;
  const jobOf = Int32Array.from(jobs.flatMap((job, j) => Array<number>(extent(job.actions, 0)).fill(j)));
  return {
    latents: rows((job) => job.context.latents),
    goals: rows((job) => job.goal),
    jobOf,
    actions: only && jobs.length === 1 ? only.actions : concat(jobs.map((job) => job.actions)),
  };
}

/** Each job's share of what was imagined for all, scored by the job's own objective. */
export function split(
  jobs: readonly Job[],
  imagined: Imagined,
  manifest: ModelManifest,
): readonly Evaluation[] {
  let from = 0;
  return jobs.map((job) => {
    const to = from + extent(job.actions, 0);
    const share = (all: Tensor | null): Tensor | null =>
      all && (jobs.length === 1 ? all : slice(all, from, to));
    const own = imaginedBy((part) =>
      part === 'latents' && job.want !== 'latents' ? null : share(imagined[part]),
    );
    from = to;
    const costs = costsOf(job.objective, own, job.actions, manifest);
    return { costs, timeToGo: own.metric, latents: own.latents };
  });
}

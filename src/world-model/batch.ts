import { JepilotError } from '../errors.ts';
import { concat, extent, reshape, slice, type Tensor } from '../tensor.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
import { costsOf } from './objective-cost.ts';
import { imaginedBy, type Imagined, type RolloutInput } from './rollout.ts';
import type { Evaluation, Job } from './world-model.ts';

/** What the jobs of one run have in common. */
export interface Extent {
  readonly horizon: number;
  /** Latents of the context. */
  readonly context: number;
}

/** Throws `shape-mismatch` unless every job fits the model and all share horizon and context, which it returns. */
export function checkJobs(jobs: readonly Job[], manifest: ModelManifest): Extent {
  const horizon = jobs[0]?.actions.shape[1] ?? 0;
  const rows = jobs[0]?.context.latents.shape[0] ?? 0;
  const width = manifest.action.dim * manifest.action.repeat;
  for (const { context, goal, actions } of jobs) {
    checkContext(context, rows, manifest);
    if (goal.data.length !== manifest.latentDim) {
      throw mismatch(manifest, `a goal of ${goal.data.length} values`, manifest.latentDim);
    }
    const [n = 0, h = 0, a = 0] = actions.shape;
    if (n < 1 || h < 1 || h !== horizon || a !== width || actions.shape.length !== 3) {
      const expected = `[N, ${horizon || 'H'}, ${width}] with N and H at least 1, H the same in all jobs of a call`;
      throw mismatch(manifest, `actions [${actions.shape.join(', ')}]`, expected);
    }
  }
  return { horizon, context: rows };
}

function checkContext({ latents, actions }: Job['context'], rows: number, manifest: ModelManifest): void {
  const [length = 0, latentDim = 0] = latents.shape;
  const most = contextOf(manifest);
  if (length < 1 || length > most || length !== rows) {
    const needs =
      most === 1
        ? 'exactly 1 (the predictor sees the present only)'
        : `1 to ${most}, the same in all jobs of a call`;
    throw mismatch(manifest, `a context of ${length} latents`, needs);
  }
  if (latentDim !== manifest.latentDim)
    throw mismatch(manifest, `a latent of ${latentDim} values`, manifest.latentDim);
  const between = (length - 1) * manifest.action.dim * manifest.action.repeat;
  if (actions.data.length === between) return;
  throw mismatch(manifest, `${actions.data.length} values of actions between ${length} latents`, between);
}

const mismatch = (manifest: ModelManifest, got: string, needs: string | number): JepilotError =>
  new JepilotError('shape-mismatch', `a job has ${got}; model '${manifest.name}' needs ${needs}`);

/** The jobs of one call, for one run. One job alone is not copied. */
export function join(jobs: readonly Job[]): RolloutInput {
  const stack = (pick: (job: Job) => Tensor): Tensor =>
    concat(jobs.map((job) => ({ shape: [1, ...pick(job).shape], data: pick(job).data })));
  const [only] = jobs;
  return {
    latents: stack((job) => job.context.latents),
    executed: stack((job) => job.context.actions),
    goals: stack((job) => reshape(job.goal, [job.goal.data.length])),
    jobOf: jobsOf(jobs),
    actions: only && jobs.length === 1 ? only.actions : concat(jobs.map((job) => job.actions)),
  };
}

/** The number of the job that each candidate belongs to, [N]. */
function jobsOf(jobs: readonly Job[]): Int32Array {
  const result = new Int32Array(jobs.reduce((sum, job) => sum + extent(job.actions, 0), 0));
  let at = 0;
  jobs.forEach((job, j) => {
    const to = at + extent(job.actions, 0);
    result.fill(j, at, to);
    at = to;
  });
  return result;
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

import { extent, tensor, type Tensor } from '../tensor.ts';
import { join, split } from './batch.ts';
import type { ModelManifest } from './manifest.ts';
import type { Rollout } from './rollout.ts';
import type { Evaluation, Job } from './world-model.ts';

/** One candidate of so many is scored again: about the share that a search learns from. */
export const SHARE = 6;

/** How many of `count` candidates are scored again. */
const refined = (count: number): number => Math.min(count, Math.ceil(count / SHARE));

/** The candidates of least cost, best first. */
function cheapest({ costs }: Evaluation): number[] {
  return Array.from(costs.keys())
    .sort((i, j) => costs[i]! - costs[j]! || i - j)
    .slice(0, refined(costs.length));
}

/** The rows `at` of a tensor. */
function rowsAt(all: Tensor, at: readonly number[]): Tensor {
  const width = all.data.length / extent(all, 0);
  const data = new Float32Array(at.length * width);
  at.forEach((row, i) => data.set(all.data.subarray(row * width, (row + 1) * width), i * width));
  return tensor([at.length, ...all.shape.slice(1)], data);
}

/** A copy of `all` with `rows` in the places `at`. */
function withRows(all: Tensor | null, at: readonly number[], rows: Tensor | null): Tensor | null {
  if (!all || !rows) return all;
  const data = all.data.slice();
  const width = data.length / extent(all, 0);
  at.forEach((row, i) => data.set(rows.data.subarray(i * width, (i + 1) * width), row * width));
  return tensor(all.shape, data);
}

/**
 * The best candidates by a coarse evaluation, scored again exactly. A coarse score tells good plans from bad ones, but
 * near the goal its noise is larger than what sets one good plan apart from the next. The others are never cheaper than
 * any of these, so a search learns from exact scores alone.
 */
export async function refine(
  jobs: readonly Job[],
  coarse: readonly Evaluation[],
  exact: Rollout,
  manifest: ModelManifest,
): Promise<readonly Evaluation[]> {
  const best = coarse.map(cheapest);
  const again = jobs.map((job, j) => ({ ...job, actions: rowsAt(job.actions, best[j]!) }));
  const sharp = split(again, await exact(join(again)), manifest);
  return coarse.map((evaluation, j) => {
    const { costs, timeToGo, latents } = sharp[j]!;
    const worst = costs.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), -Infinity);
    const mixed = evaluation.costs.map((cost) => Math.max(cost, worst));
    best[j]!.forEach((row, i) => (mixed[row] = costs[i]!));
    return {
      costs: mixed,
      timeToGo: withRows(evaluation.timeToGo, best[j]!, timeToGo),
      latents: withRows(evaluation.latents, best[j]!, latents),
    };
  });
}

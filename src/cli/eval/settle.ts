import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '../../env/task.ts';
import { variationOf } from '../../env/variation.ts';
import { cellId, type Cell, type CellRequest } from '../../evaluation/cell.ts';
import { withTrack } from '../../evaluation/track-spec.ts';
import { canonicalJson } from '../../spec.ts';
import { checkLatency, choosePlanning, outsideCoverage, type PlanningChoice } from '../planning.ts';
import { loadTask } from '../tasks.ts';
import { version } from '../version.ts';

/** A cell whose model was read and whose settings are final. */
export interface SettledCell {
  readonly id: string;
  readonly cell: Cell;
  readonly task: Task;
  readonly choice: PlanningChoice;
  /** Factors outside the model's training data, in words. */
  readonly outside: readonly string[];
}

/** SHA-256 of the manifest, which holds the checksums of the graphs. */
export const modelChecksum = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'manifest.json')))
    .digest('hex');

/** The model that a request stands for, with its checksum; null without one. */
const models = new Map<string, Promise<Cell['model']>>();
export function modelOf(request: CellRequest): Promise<Cell['model']> {
  const key = canonicalJson(request);
  const known = models.get(key) ?? settleCell(request).then(({ cell }) => cell.model);
  models.set(key, known);
  return known;
}

/** Reads what a request names, settles what it leaves open, and checks that it fits. Opens nothing. */
export async function settleCell(request: CellRequest): Promise<SettledCell> {
  const task = withTrack(await loadTask(request.task), request.track);
  const variation = variationOf(task, request.variation);
  const { planner: named, model: wanted, policy = null, overrides, provider } = request;
  const choice = await choosePlanning(task, {
    planner: named,
    model: wanted,
    overrides,
    provider,
    threads: request.threads,
    ...(policy !== null && { policy }),
  });
  checkLatency(choice, request.latency);
  const { planner, model, settings, replanInterval, iterations } = choice;
  const { track, latency, toEnd, threads, precision = 'fp32' } = request;
  const cell: Cell = {
    task: task.name,
    track,
    planner,
    model: model && { name: model.manifest.name, checksum: modelChecksum(model.folder) },
    policy,
    settings,
    replanInterval,
    iterations,
    latency,
    variation: request.variation,
    toEnd,
    provider: model && request.provider,
    threads,
    ...(precision !== 'fp32' && { precision }),
    version,
  };
  const outside = model ? outsideCoverage(model.manifest, variation) : [];
  return { id: cellId(cell), cell, task, choice, outside };
}

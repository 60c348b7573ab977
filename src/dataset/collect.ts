import { existsSync } from 'node:fs';
import { FIRST_EVALUATION_SEED } from '../env/episode.ts';
import type { Task } from '../env/task.ts';
import { coverageOf, factorOf } from '../env/variation.ts';
import { JepilotError } from '../errors.ts';
import { writeHdf5 } from './hdf5-writer.ts';
import type { Parts } from './parts.ts';
import type { CollectionSpec } from './record-episode.ts';

/** Throws unless the spec can be collected: known factors, seeds below the evaluation's. */
export function checkCollection(task: Task, spec: CollectionSpec): void {
  for (const name of spec.vary) factorOf(task, name);
  if (spec.seed < 0 || spec.seed + spec.episodes > FIRST_EVALUATION_SEED) {
    throw new JepilotError(
      'out-of-range',
      `seeds ${spec.seed} to ${spec.seed + spec.episodes - 1} reach past ${FIRST_EVALUATION_SEED - 1}; later ones are kept for evaluation`,
    );
  }
}

/** Episodes that are still to be recorded, in order. */
export function missingEpisodes(spec: CollectionSpec, parts: Parts): number[] {
  const finished = parts.finished();
  return Array.from({ length: spec.episodes }, (_, i) => i).filter((i) => !finished.has(i));
}

/** Joins the finished episodes, in order, into the data set; then removes the parts. */
export async function mergeParts(
  task: Task,
  spec: CollectionSpec,
  parts: Parts,
  out: string,
  origin: { readonly version: string; readonly command: string },
  onEpisode: (index: number) => void,
): Promise<void> {
  const camera = task.cameras[0]!;
  const columns = {
    pixels: [camera.height, camera.width, 3],
    action: [task.actionSpec.dim],
    state: [task.stateNames.length],
    variation: [Object.keys(task.factors).length],
  };
  function* episodes() {
    for (let i = 0; i < spec.episodes; i++) {
      yield parts.read(i);
      onEpisode(i);
    }
  }
  await writeHdf5(out, { columns, provenance: provenanceOf(task, spec, origin) }, episodes());
  if (existsSync(out)) parts.remove();
}

function provenanceOf(task: Task, spec: CollectionSpec, origin: { version: string; command: string }) {
  return {
    task: task.name,
    version: origin.version,
    command: origin.command,
    seed: spec.seed,
    episodes: spec.episodes,
    controlPeriod: task.controlPeriod,
    cameras: task.cameras.map(({ name, width, height }) => ({ name, width, height })),
    actionMinimum: task.actionSpec.minimum,
    actionMaximum: task.actionSpec.maximum,
    stateNames: task.stateNames,
    factorNames: Object.keys(task.factors),
    coverage: coverageOf(task, spec.vary),
  };
}

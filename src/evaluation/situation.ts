import { createHash } from 'node:crypto';
import type { Environment, TimeStep } from '../env/environment.ts';
import type { Variation } from '../env/task.ts';
import { JepilotError } from '../errors.ts';
import { hashSpec } from '../spec.ts';
import { sceneKey, type Cell } from './cell.ts';

/** Where an episode begins and what it is to reach: an entry of the manifest that all planners share. */
export interface Situation {
  /** Of task, track, changed factors and seed. */
  readonly id: string;
  readonly task: string;
  readonly track: string;
  readonly seed: number;
  /** Every factor's value, as drawn. */
  readonly variation: Variation;
  /** Configuration (MuJoCo `qpos`) to be reached. */
  readonly goal: readonly number[];
  /** Everything that MuJoCo integrates, at the start. */
  readonly start: readonly number[];
  /** Of start, goal and variation, bit for bit. */
  readonly hash: string;
  /** Between start and goal, in the task's unit. */
  readonly distance: number;
  /** Control steps that the quickest known way takes: the scripted expert's, or the behaviour's where it is shorter. */
  readonly reference: number | null;
}

export const situationId = (cell: Pick<Cell, 'task' | 'track' | 'variation'>, seed: number): string =>
  hashSpec([sceneKey(cell), seed]);

/** Hash of the present start, goal and variation. */
export function situationHash(environment: Environment): string {
  const hash = createHash('sha256');
  for (const values of [environment.snapshot().physics, environment.goal()]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.update(hashSpec(environment.variation)).digest('hex').slice(0, 16);
}

/** Throws where this machine draws another start or goal than the manifest holds: its numbers would be no pairs. */
export function checkSituation(environment: Environment, expected: string, seed: number): void {
  const drawn = situationHash(environment);
  if (drawn === expected) return;
  throw new JepilotError(
    'bad-state',
    `episode ${seed} of task '${environment.task}' is drawn as ${drawn} here; the manifest has ${expected}: another version or machine kind drew it`,
  );
}

/** Notes the situation that `environment` has just been reset to. */
export function noteSituation(
  environment: Environment,
  first: TimeStep,
  cell: Pick<Cell, 'task' | 'track' | 'variation'>,
  seed: number,
): Omit<Situation, 'reference'> {
  return {
    id: situationId(cell, seed),
    task: cell.task,
    track: cell.track.name,
    seed,
    variation: environment.variation,
    goal: [...environment.goal()],
    start: [...environment.snapshot().physics],
    hash: situationHash(environment),
    distance: first.distance,
  };
}

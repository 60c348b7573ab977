import type { Environment } from '../../env/environment.ts';
import type { Task } from '../../env/task.ts';
import type { Cell } from '../../evaluation/cell.ts';
import { playEpisode } from '../../evaluation/episode.ts';
import { choosePlanning, openHere } from '../planning.ts';

const NO_OVERRIDES = { overrides: {}, provider: 'cpu', threads: 1, model: undefined } as const;

/**
 * Control steps of the quickest known way from start to goal: the scripted expert's, or those that the behaviour took on
 * a trajectory track where they are fewer. Null where neither is known.
 */
export async function referenceSteps(
  task: Task,
  environment: Environment,
  { track, variation }: Pick<Cell, 'track' | 'variation'>,
  seed: number,
): Promise<number | null> {
  const found = task.tracks.find(({ name }) => name === track.name);
  const taken = found?.kind === 'trajectory' ? found.offset : Infinity;
  const quickest = Math.min(
    taken,
    (await expertSteps(task, environment, { track, variation }, seed)) ?? Infinity,
  );
  return Number.isFinite(quickest) ? quickest : null;
}

async function expertSteps(
  task: Task,
  environment: Environment,
  { track, variation }: Pick<Cell, 'track' | 'variation'>,
  seed: number,
): Promise<number | null> {
  if (!task.expert) return null;
  const request = { ...NO_OVERRIDES, planner: 'expert' };
  const choice = await choosePlanning(task, request);
  await using planning = await openHere(task, request, choice);
  const { replanInterval, iterations } = choice;
  const cell = { track, variation, replanInterval, iterations, latency: 0, toEnd: false };
  const order = { cell, seed, expected: null, pictures: 0 };
  const { record } = await playEpisode(environment, planning.policy, order);
  return record.stepsToSuccess;
}

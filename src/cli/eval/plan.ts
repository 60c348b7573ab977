import { basename } from 'node:path';
import type { Task } from '../../env/task.ts';
import type { PlannedCell } from '../../evaluation/cell.ts';
import { expandSuite, type AskedCell, type Machine, type Rooms } from '../../evaluation/expand.ts';
import type { Suite } from '../../evaluation/suite.ts';
import { JepilotError } from '../../errors.ts';
import { readManifest } from '../../world-model/model-files.ts';
import { modelFolder } from '../models.ts';
import { modelFreePolicy } from '../planners.ts';
import { loadTask } from '../tasks.ts';
import { settleCell } from './settle.ts';

/** Tasks and models that a suite names, read once. */
async function readRooms(suite: Suite): Promise<Rooms> {
  const tasks = new Map<string, Task>();
  for (const { task } of suite.tasks) tasks.set(task, await loadTask(task));
  const named = [suite, ...suite.tasks].flatMap(({ models = [] }) =>
    models.flatMap((entry) => (typeof entry === 'string' ? [entry] : entry.models)),
  );
  const taskOf = new Map<string, string>();
  for (const name of new Set(named)) {
    taskOf.set(name, (await readManifest(await modelFolder('', name))).task);
  }
  return {
    task: (name) => tasks.get(name)!,
    isModelFree: (planner) => modelFreePolicy(planner) !== undefined,
    modelsFor: (task, names) => names.filter((name) => taskOf.get(name) === task.name),
  };
}

async function plan(asked: AskedCell): Promise<PlannedCell> {
  const { id, cell, outside, choice, task } = await settleCell(asked.request);
  const { request, axis, family, seed, episodes } = asked;
  const own = request.planner === undefined && request.policy === undefined;
  const label = own ? asked.label.replace('own planner', choice.planner) : asked.label;
  return {
    id,
    cell,
    request,
    label,
    family,
    isMain: axis === null,
    axes: axis ? [axis] : [],
    outside,
    seed,
    episodes,
    controlPeriod: task.controlPeriod,
    distanceUnit: task.distanceUnit,
  };
}

/** One cell that a suite names twice: for a table and a curve, say. */
const together = (known: PlannedCell, again: PlannedCell): PlannedCell => ({
  ...known,
  isMain: known.isMain || again.isMain,
  axes: [...known.axes, ...again.axes],
  episodes: Math.max(known.episodes, again.episodes),
});

/** Every cell of a suite, settled and checked; one that comes twice is played once. Throws before anything is opened. */
export async function planSuite(suite: Suite, machine: Machine): Promise<PlannedCell[]> {
  const asked = expandSuite(suite, await readRooms(suite), machine);
  const cells = new Map<string, PlannedCell>();
  for (const one of asked) {
    const planned = await plan(one);
    const known = cells.get(planned.id);
    cells.set(planned.id, known ? together(known, planned) : planned);
  }
  const all = [...cells.values()];
  const { reference } = suite;
  if (reference !== undefined && !all.some(({ label }) => label === reference)) {
    const known = [...new Set(all.map(({ label }) => label))].join(', ');
    throw new JepilotError(
      'unknown-name',
      `no planner of suite '${suite.suite}' is labelled '${reference}'; known: ${known}`,
    );
  }
  return all;
}

/** The name of a file without its folder and ending. */
export const stem = (path: string): string => basename(path).replace(/\.[^.]*$/, '');

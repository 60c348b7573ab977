import { standardTrack, type Task } from '../../env/task.ts';
import { parseSuiteValue } from '../../evaluation/suite-file.ts';
import type { Suite } from '../../evaluation/suite.ts';
import type { CellRequest } from '../../evaluation/cell.ts';
import type { PlanningSettings } from '../../planning/settings.ts';
import { stem } from './plan.ts';
import { parseSweep } from './sweep.ts';

export interface TaskFlags {
  readonly seed: number | undefined;
  readonly episodes: number | undefined;
  readonly sweep: string | undefined;
}

/** The suite of one task that a command's flags stand for. Throws JepilotError('bad-file') on what no suite may say. */
export function suiteOfTask(
  task: Task,
  request: CellRequest,
  own: PlanningSettings | null,
  { seed, episodes, sweep }: TaskFlags,
): Suite {
  const { planner, policy, model, overrides, latency, variation, track } = request;
  const who = { ...(planner !== undefined && { planner }), ...(policy !== undefined && { policy }) };
  return parseSuiteValue(
    {
      suite: stem(task.name),
      tasks: [
        {
          task: request.task,
          tracks: [track.name === standardTrack(task).name ? track.name : { track: track.name }],
          planners: [{ ...who, ...overrides }],
          ...(model !== undefined && { models: [model] }),
          latencies: [latency],
          factors: [variation],
          ...(seed !== undefined && { seed }),
          ...(episodes !== undefined && { episodes }),
          ...(sweep !== undefined && { sweep: parseSweep(sweep, own) }),
        },
      ],
    },
    'flags',
  );
}

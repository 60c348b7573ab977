import { JepilotError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { Observation } from './observation.ts';
import { standardTrack, type Task } from './task.ts';

/** A goal that only the task's own scene can show. */
export type SceneGoal =
  /** A configuration (`qpos`). */
  | {
      readonly kind: 'state';
      readonly value: Float64Array;
      readonly variation?: Readonly<Record<string, number>>;
    }
  /** What an episode that the task draws is to reach; `track` is the task's standard one where left out. */
  | {
      readonly kind: 'episode';
      readonly seed: number;
      readonly track?: string;
      readonly variation?: Readonly<Record<string, number>>;
    };

/** The picture of a goal. Resets the environment, so it takes one that nobody plays in. */
export function showGoal(task: Task, environment: Environment, goal: SceneGoal): Observation {
  const { variation = {} } = goal;
  const track = (goal.kind === 'episode' ? goal.track : undefined) ?? standardTrack(task).name;
  environment.reset({ seed: goal.kind === 'episode' ? goal.seed : 0, track, variation });
  const own = environment.goal();
  if (goal.kind === 'episode') return environment.render(own);
  if (goal.value.length !== own.length) {
    throw new JepilotError(
      'shape-mismatch',
      `goal state has ${goal.value.length} values; task '${task.name}' has ${own.length}`,
    );
  }
  if (!goal.value.every(Number.isFinite))
    throw new JepilotError('invalid-value', `goal state of task '${task.name}' is not finite`);
  return environment.render(goal.value);
}

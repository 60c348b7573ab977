import { JepilotError } from '../errors.ts';
import type { Physics } from './physics.ts';
import type { Task } from './task.ts';

/** Physics steps per control step; the period must be a whole multiple of the time step. */
export function substepsOf(task: Task, physics: Physics): number {
  const ratio = task.controlPeriod / physics.timestep;
  const substeps = Math.round(ratio);
  if (substeps < 1 || Math.abs(ratio - substeps) > 1e-6) {
    throw new JepilotError(
      'invalid-value',
      `control period ${task.controlPeriod} s of task '${task.name}' is no multiple of its physics step ${physics.timestep} s`,
    );
  }
  return substeps;
}

/** Applies one raw action [dim] for one control step. */
export function stepTask(task: Task, physics: Physics, action: Float32Array): void {
  if (task.actuate) task.actuate(physics, action);
  else physics.setControl(action);
  physics.step(substepsOf(task, physics));
}

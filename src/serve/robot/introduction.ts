import { tensor } from '../../tensor.ts';
import { actionOf, floatsOf, observationOf } from '../../wire/robot-conversions.ts';
import { PROTOCOL_VERSION, type MessageOf } from '../../wire/robot-messages.ts';
import type { WireGoal } from '../../wire/robot-values.ts';
import type { GoalRequest, SessionInfo } from '../sessions.ts';

/** Why a robot is not the one that the task is planned for; null if it is. */
export function disagreement(
  { task, actionSpec, controlPeriod }: SessionInfo,
  { robot, action, controlPeriod: period }: MessageOf<'hello'>,
): string | null {
  const differs = (what: string, got: string | number, wanted: string | number): string =>
    `robot '${robot}' has ${what} ${got}; task '${task}' is planned with ${wanted}`;
  if (action.dim !== actionSpec.dim) return differs('actions of dimension', action.dim, actionSpec.dim);
  if (action.mode !== actionSpec.mode) return differs('actions of mode', action.mode, actionSpec.mode);
  // A slower or faster clock of the same robot is a choice; another kind of robot is a mistake.
  const ratio = period / controlPeriod;
  return ratio > 10 || ratio < 0.1 ? differs('a control period of (s)', period, controlPeriod) : null;
}

/** A welcome without its head. */
export function welcomeOf(
  info: SessionInfo,
  heartbeat: number,
  observationAge: number,
): Omit<MessageOf<'welcome'>, 't' | 'seq'> {
  const { id, task, planner, model, actionSpec, controlPeriod, window, rows, replanInterval, iterations } =
    info;
  const { surprise, disagreement, reached } = model.calibration ?? {};
  return {
    version: PROTOCOL_VERSION,
    session: id,
    task,
    planner,
    model: model.name,
    action: actionOf(actionSpec),
    controlPeriod,
    window,
    rows,
    replanInterval,
    iterations,
    heartbeat,
    observationAge,
    calibration: {
      surprise: surprise?.threshold ?? null,
      disagreement: disagreement?.threshold ?? null,
      timeToGo: reached?.threshold ?? null,
      dwell: reached?.dwell ?? null,
    },
  };
}

/** A goal as a session takes it. */
export function goalOf(goal: WireGoal): GoalRequest {
  switch (goal.kind) {
    case 'observation':
      return { kind: 'observation', value: observationOf(goal.frame) };
    case 'latent':
      return { kind: 'latent', value: tensor([goal.value.data.length], floatsOf(goal.value)) };
    case 'state':
      return {
        kind: 'state',
        value: Float64Array.from(goal.value.data as ArrayLike<number>, Number),
        variation: goal.variation,
      };
    case 'episode': {
      const { seed, track, variation } = goal;
      return { kind: 'episode', seed, variation, ...(track === null ? {} : { track }) };
    }
    case 'frame':
      return goal;
  }
}

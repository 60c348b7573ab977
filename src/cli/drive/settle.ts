import type { Vigilance } from '../../control/vigilance.ts';
import { JepilotError } from '../../errors.ts';
import { readProfile } from '../../robot/profile/read.ts';
import type { RobotProfile } from '../../robot/profile/schema.ts';
import { defaultThreads } from '../../world-model/provider.ts';
import { checkLatency, type PlanningChoice, type PlanningRequest } from '../planning.ts';
import { overridesOf, type RunOptions } from '../run/config.ts';
import { chooseForRobot } from './planning.ts';

/** A drive with nothing left to a default. */
export interface SettledDrive {
  readonly profile: RobotProfile;
  readonly request: PlanningRequest;
  readonly choice: PlanningChoice;
  readonly latency: number;
  readonly vigilance: Vigilance;
}

/** Who plans, as the flags say it. */
export const requestOf = (options: RunOptions): PlanningRequest => ({
  policy: options.policy,
  planner: options.planner,
  model: options.model,
  overrides: overridesOf(options),
  provider: options.provider ?? 'auto',
  threads: options.threads ?? defaultThreads(),
  precision: options.precision ?? 'auto',
});

/** Reads the profile and settles who plans; checks all that can be checked before anything is opened. */
export async function settleDrive(path: string, options: RunOptions): Promise<SettledDrive> {
  const profile = readProfile(path);
  const request = requestOf(options);
  const choice = await chooseForRobot(profile, request);
  const latency = options.latency ?? ((choice.model ?? options.policy) ? 1 : 0);
  checkLatency(choice, latency);
  return { profile, request, choice, latency, vigilance: vigilanceOf(choice, options) };
}

/** A robot has no judge but the model: where that is calibrated, its word ends the drive. */
function vigilanceOf({ model }: PlanningChoice, { guard, untilReached }: RunOptions): Vigilance {
  const calibration = model?.manifest.calibration;
  const lacks = (flag: string): never => {
    const who = model ? `model '${model.manifest.name}'` : 'a planner without a model';
    throw new JepilotError('invalid-value', `${flag} needs calibrated limits; ${who} has none`);
  };
  if (guard && !calibration) lacks('--guard');
  if (untilReached && !calibration?.reached) lacks('--until-reached');
  const { surprise, disagreement, reached } = calibration ?? {};
  return {
    ...(guard && surprise ? { surprise: surprise.threshold } : {}),
    ...(guard && disagreement ? { disagreement: disagreement.threshold } : {}),
    ...((untilReached ?? true) && reached
      ? { reached: { threshold: reached.threshold, dwell: reached.dwell } }
      : {}),
  };
}

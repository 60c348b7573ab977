import type { PlanEvidence } from '../planning/plan.ts';

/** What a run makes of a plan's evidence; the limits are the model's calibration. Nothing is watched that is not given. */
export interface Vigilance {
  /** Hold while the prediction of the present was further off than this (mean squared latent difference). */
  readonly surprise?: number;
  /** Hold while the ensemble disagrees more than this about what comes next. */
  readonly disagreement?: number;
  /** End when time to go stays at most `threshold` control steps for `dwell` control steps. */
  readonly reached?: { readonly threshold: number; readonly dwell: number };
}

export type Alarm = 'surprised' | 'uncertain';

/** What the latest plan's evidence says. */
export interface Watch {
  readonly alarm: Alarm | null;
  /** Step of the first of the observations in a row that the model takes for the goal; null where it doesn't. */
  readonly atGoalSince: number | null;
  /** The goal is reached by the model's own account. */
  readonly reached: boolean;
}

export const quiet: Watch = { alarm: null, atGoalSince: null, reached: false };

const exceeds = (value: number | null, limit: number | undefined): boolean =>
  limit !== undefined && value !== null && !(value <= limit); // NaN is alarming too

/** Takes in the evidence of a plan that was made from the observation of `step`. */
export function watch(
  { surprise, disagreement, reached }: Vigilance,
  before: Watch,
  step: number,
  evidence: PlanEvidence,
): Watch {
  const alarm = exceeds(evidence.surprise, surprise)
    ? 'surprised'
    : exceeds(evidence.disagreement, disagreement)
      ? 'uncertain'
      : null;
  const near = reached && evidence.timeToGo !== null && evidence.timeToGo <= reached.threshold;
  if (!reached || !near) return { alarm, atGoalSince: null, reached: false };
  const atGoalSince = before.atGoalSince ?? step;
  return { alarm, atGoalSince, reached: step - atGoalSince >= reached.dwell };
}

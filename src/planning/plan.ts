import type { Tensor } from '../tensor.ts';

/** Why a plan is what it is: shown live, recorded, and judged by the control core. */
export interface PlanEvidence {
  /** Lowest cost after each iteration. */
  readonly costs: readonly number[];
  /** Standard deviation of the elites' actions after the last iteration, in units of the action's half range. */
  readonly eliteSpread: number | null;
  /** Time to go of the present observation, in control steps; null without a metric head. */
  readonly timeToGo: number | null;
  /** Time to go imagined after each model step of the chosen plan, in control steps. */
  readonly imaginedTimeToGo: readonly number[];
  /** Prediction error of the last model step: mean squared latent difference; null before there is one. */
  readonly surprise: number | null;
  /** How much the ensemble disagrees about the first model step of the chosen plan; null without an ensemble. */
  readonly disagreement: number | null;
  /** Predictor evaluations spent. */
  readonly evaluations: number;
  readonly iterations: number;
  /** The deadline cut the iterations short. */
  readonly cut: boolean;
  readonly encodeMs: number;
  readonly searchMs: number;
  readonly totalMs: number;
  /** Waiting for a turn of a shared planner; it is not in `totalMs`. Left out where nothing was waited for. */
  readonly queueMs?: number;
}

/** The evidence of a plan that nobody searched for. */
export const noEvidence: PlanEvidence = {
  costs: [],
  eliteSpread: null,
  timeToGo: null,
  imaginedTimeToGo: [],
  surprise: null,
  disagreement: null,
  evaluations: 0,
  iterations: 0,
  cut: false,
  encodeMs: 0,
  searchMs: 0,
  totalMs: 0,
};

/** Raw actions [rows, dim] for consecutive control steps, the first at `startStep`. */
export interface Plan {
  readonly id: number;
  readonly actions: Tensor;
  /** Absolute control step of row 0. */
  readonly startStep: number;
  readonly evidence: PlanEvidence;
}

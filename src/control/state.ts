import type { Observation } from '../env/observation.ts';
import type { Plan } from '../planning/plan.ts';
import type { ActionSpec } from '../spec.ts';
import { initialGuard, type GuardConfig, type GuardState } from '../safety/guard-state.ts';
import type { MotionBounds } from '../safety/bounds.ts';
import { atRest, type Motion } from '../safety/motion.ts';
import { quiet, type Vigilance, type Watch } from './vigilance.ts';
import { noCounts, type Counters } from './counters.ts';

/** The safety envelope of a run, put together by `coreSafety`. */
export interface CoreSafety {
  readonly bounds: MotionBounds;
  readonly guard: GuardConfig;
}

/** What does not change during a run. */
export interface CoreConfig {
  readonly actionSpec: ActionSpec;
  /** Observations that a request carries: the policy's `window`. */
  readonly window: number;
  /** Control steps from the observation that a plan is made from to its first row. */
  readonly latency: number;
  /** Control steps between the observations of two requests, at least. */
  readonly replanInterval: number;
  /** The command [dim] that a position robot holds before it was sent any; without it such a robot waits for a plan. */
  readonly initialCommand?: Float32Array;
  /** What of the plans' evidence makes the run hold or end. */
  readonly vigilance?: Vigilance;
  readonly safety: CoreSafety;
}

/** A plan that acts, or will: with the step of the observation that it was made from. */
export interface LivePlan {
  readonly plan: Plan;
  readonly rows: number;
  readonly observedStep: number;
}

export interface SentRow {
  readonly step: number;
  readonly action: Float32Array;
}

/** The request that is being answered. */
export interface Flight {
  readonly observedStep: number;
  /** The robot was made to hold since, so the plan rests on rows that were not sent. */
  readonly stale: boolean;
}

/**
 * Why a run ended: a person or program asked, planning failed, the robot (its episode, its link) ended, or the model
 * says that the goal is reached.
 */
export interface Stop {
  readonly cause: 'commanded' | 'failed' | 'ended' | 'reached';
  readonly reason: string;
  readonly error?: unknown;
}

/** Of the run as a whole; what moves the robot meanwhile is the guard's mode. */
export type Phase = 'running' | 'stopping' | 'stopped';

/** Everything that the control core knows. A value: `reduce` returns a new one. */
export interface CoreState {
  readonly phase: Phase;
  /** Seconds: the latest time that any event told. */
  readonly time: number;
  /** The step that the next tick is for; the step of the first observation at first. */
  readonly nextStep: number;
  /** The latest observations, one a control step, oldest first, at most `window`. */
  readonly observations: readonly Observation[];
  /** Rows sent from the observation of the last request on. */
  readonly sent: readonly SentRow[];
  readonly motion: Motion;
  readonly guard: GuardState;
  /** By start step: the one that acts, then those that will. */
  readonly plans: readonly LivePlan[];
  /** A plan has acted since the beginning or the last commanded hold. */
  readonly acted: boolean;
  readonly flight: Flight | null;
  /** Step of the observation that was last planned from. */
  readonly requestedStep: number | null;
  /** The next request waits for an observation of this step; null: any new one will do. */
  readonly dueStep: number | null;
  readonly failuresInRow: number;
  readonly watch: Watch;
  readonly stop: Stop | null;
  readonly counters: Counters;
}

export const initialState = (config: CoreConfig): CoreState => ({
  phase: 'running',
  time: 0,
  nextStep: 0,
  observations: [],
  sent: [],
  motion: atRest(config.actionSpec, config.initialCommand ?? null),
  guard: initialGuard(config.safety.guard),
  plans: [],
  acted: false,
  flight: null,
  requestedStep: null,
  dueStep: null,
  failuresInRow: 0,
  watch: quiet,
  stop: null,
  counters: noCounts,
});

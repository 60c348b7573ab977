import type { GuardReason } from '../safety/guard-state.ts';
import type { ClampKind } from '../safety/motion.ts';

/** Why a tick holds instead of acting. */
export type HoldReason =
  | 'no-plan-yet'
  | 'plan-exhausted'
  | 'planning-failed'
  | 'commanded'
  | 'stopping'
  | 'overdue'
  | 'first-point'
  | 'surprised'
  | 'uncertain'
  | Exclude<GuardReason, 'commanded' | 'rows-silent'>;

export const holdReasons = [
  'no-plan-yet',
  'plan-exhausted',
  'planning-failed',
  'commanded',
  'stopping',
  'overdue',
  'first-point',
  'surprised',
  'uncertain',
  'not-armed',
  'link-silent',
  'sensors-silent',
  'clamping',
  'refused',
  'stopped',
  'emergency-stop',
] as const satisfies readonly HoldReason[];

/**
 * Where a tick's action comes from: a row of the live plan; a row of a plan whose replacement should have been there
 * already; or a hold.
 */
export type TickSource = 'plan' | 'tail' | 'hold';

/** One control step: what was wanted, what was sent, and why. */
export interface Tick {
  /** Absolute control step: the action takes observation `step` to observation `step + 1`. */
  readonly step: number;
  /** Seconds since the run began, by the clock that drives it. */
  readonly time: number;
  /** The plan's row [dim] as planned; null where no plan covers the step. */
  readonly planned: Float32Array | null;
  /** The raw action [dim] that went to the robot: finite and within all limits. */
  readonly sent: Float32Array;
  readonly source: TickSource;
  /** Given exactly when `source` is `hold`. */
  readonly reason?: HoldReason;
  readonly planId: number | null;
  /** Control steps since the observation that the plan was made from. */
  readonly age: number | null;
  /** A limit changed the action; `clamps` names those that did. */
  readonly clamped: boolean;
  readonly clamps?: readonly ClampKind[];
}

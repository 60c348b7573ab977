import { motionBounds } from '../safety/bounds.ts';
import { guard } from '../safety/guard.ts';
import { restrains, type GuardEvent } from '../safety/guard-state.ts';
import { taskLimits, type SafetyLimits } from '../safety/limits.ts';
import type { ActionSpec } from '../spec.ts';
import { extent, type Tensor } from '../tensor.ts';
import type { CoreConfig, CoreSafety, CoreState, LivePlan } from './state.ts';

/** What a run says of its safety. */
export interface SafetyOptions {
  readonly limits: SafetyLimits;
  /** A planning end beats over a link, and a person arms; otherwise the robot runs at once. */
  readonly supervised: boolean;
}

/** The envelope of a robot with this spec and this many seconds per control step; a simulated task's by default. */
export const coreSafety = (
  spec: ActionSpec,
  period: number,
  { limits, supervised }: SafetyOptions = { limits: taskLimits, supervised: false },
): CoreSafety => ({ bounds: motionBounds(spec, limits, period), guard: { limits, period, supervised } });

/** Plans rest on rows that will not be sent: the one in flight is stale too. */
export const forget = (state: CoreState): CoreState => ({
  ...state,
  plans: [],
  acted: false,
  dueStep: null,
  flight: state.flight && { ...state.flight, stale: true },
});

/** Tells the guard. Where it begins to restrain the robot, or another epoch begins, all plans are forgotten. */
export function guarded(config: CoreConfig, state: CoreState, event: GuardEvent): CoreState {
  const before = state.guard;
  const after = guard(config.safety.guard, before, event);
  const next = after === before ? state : { ...state, guard: after };
  const begins = restrains(after) && !restrains(before);
  // A run begins from stillness: what was planned while idle supposed that the robot would hold on.
  const released = restrains(before) && !restrains(after) && before.mode !== 'holding';
  return begins || released || after.epoch !== before.epoch ? forget(next) : next;
}

/** Why a plan is refused whole; null if it is not. */
export function flawOf({ actionSpec }: CoreConfig, actions: Tensor): string | null {
  const [, dim = 0] = actions.shape;
  if (dim !== actionSpec.dim) return `plan has rows of ${dim} values; the robot needs ${actionSpec.dim}`;
  return actions.data.every((value) => Number.isFinite(value)) ? null : 'plan has values that are not finite';
}

/** The largest distance of a position target from the present command; a rate is near whatever it is. */
export function gapOf(
  spec: ActionSpec,
  last: Float32Array | null,
  row: Float32Array,
): { gap: number; at: string } {
  if (spec.mode !== 'position') return { gap: 0, at: '' };
  const gaps = Array.from(row, (value, i) => Math.abs(value - (last?.[i] ?? Infinity)));
  const gap = Math.max(0, ...gaps);
  return { gap, at: spec.names[gaps.indexOf(gap)] ?? '' };
}

/** How far the row of the coming step lies from the present command of a position robot, and at which joint. */
export function firstGap(
  { actionSpec }: CoreConfig,
  { motion, nextStep }: CoreState,
  { plan }: LivePlan,
): { gap: number; at: string } {
  const { dim } = actionSpec;
  const row = Math.min(extent(plan.actions, 0) - 1, Math.max(0, nextStep - plan.startStep));
  return gapOf(actionSpec, motion.last, plan.actions.data.subarray(row * dim, (row + 1) * dim));
}

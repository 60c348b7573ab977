import { restrains } from '../safety/guard-state.ts';
import { limitHold, limitMotion, type Limited, type Motion } from '../safety/motion.ts';
import { slice } from '../tensor.ts';
import { gapOf } from './safety.ts';
import type { CoreConfig, CoreState, LivePlan } from './state.ts';
import type { HoldReason, Tick } from './tick.ts';

/** A tick without its time, and the motion after it. */
export interface Decision extends Omit<Tick, 'time'> {
  readonly motion: Motion;
}

/** The newest plan that has begun by `step`: the one with the latest start. */
export const planAt = (plans: readonly LivePlan[], step: number): LivePlan | undefined =>
  plans.findLast(({ plan }) => plan.startStep <= step);

/** The plan's row for an absolute step, as a copy [dim], or null outside its rows. */
export function rowAt({ plan, rows }: LivePlan, step: number): Float32Array | null {
  const row = step - plan.startStep;
  return row >= 0 && row < rows ? slice(plan.actions, row, row + 1).data : null;
}

/**
 * First step at which a plan's replacement is overdue. If no plan takes longer than `latency` control periods, the
 * next one is asked for by `observedStep + max(replanInterval, latency)` and acts `latency` steps later.
 */
export const overdueStep = ({ replanInterval, latency }: CoreConfig, { observedStep }: LivePlan): number =>
  observedStep + Math.max(replanInterval, latency) + latency;

type Origin = Pick<Decision, 'planned' | 'planId' | 'age'>;
const nowhere: Origin = { planned: null, planId: null, age: null };

const limited = ({ action, motion, clamps }: Limited) => ({
  sent: action,
  motion,
  clamped: clamps.length > 0,
  ...(clamps.length > 0 && { clamps }),
});

function hold(
  { actionSpec, safety }: CoreConfig,
  motion: Motion,
  step: number,
  reason: HoldReason,
  origin: Origin = nowhere,
): Decision | null {
  const held = limitHold(actionSpec, safety.bounds, motion, reason === 'emergency-stop');
  return held && { step, source: 'hold', reason, ...limited(held), ...origin };
}

function missingReason(state: CoreState): HoldReason {
  if (state.failuresInRow > 0) return 'planning-failed';
  return state.acted ? 'plan-exhausted' : 'no-plan-yet';
}

/** Why nothing may act, whatever was planned; null if it may. */
function restraint({ guard, stop, watch }: CoreState): HoldReason | null {
  if (guard.mode === 'estop') return 'emergency-stop';
  if (stop) return 'stopping';
  if (restrains(guard)) return guard.reason === 'rows-silent' || !guard.reason ? 'not-armed' : guard.reason;
  return watch.alarm;
}

/** Why this row may not act: its replacement is too long overdue, or it is a jump from where the robot rests. */
function refusal(
  config: CoreConfig,
  state: CoreState,
  live: LivePlan,
  step: number,
  row: Float32Array,
): HoldReason | null {
  const { limits, period, supervised } = config.safety.guard;
  if (step >= overdueStep(config, live) + Math.round(limits.tail / period)) return 'overdue';
  if (!supervised || state.guard.rowAt !== null) return null;
  return gapOf(config.actionSpec, state.motion.last, row).gap > limits.firstPoint ? 'first-point' : null;
}

/**
 * What goes to the robot at `step` if nothing else happens, `motion` being that of the row before it. The same function
 * decides a tick and foretells the committed rows of a request, so the two cannot differ.
 * Null where a position robot has no command that it could hold.
 */
export function decide(config: CoreConfig, state: CoreState, step: number, motion: Motion): Decision | null {
  const restrained = restraint(state);
  if (restrained) return hold(config, motion, step, restrained);
  const live = planAt(state.plans, step);
  const planned = live ? rowAt(live, step) : null;
  if (!live || !planned) return hold(config, motion, step, missingReason(state));
  const origin = { planned, planId: live.plan.id, age: step - live.observedStep };
  const refused = refusal(config, state, live, step, planned);
  if (refused) return hold(config, motion, step, refused, origin);
  const sensed = state.observations.at(-1)?.state ?? null;
  const source = step < overdueStep(config, live) ? 'plan' : 'tail';
  return { step, source, ...limited(limitMotion(config.safety.bounds, motion, planned, sensed)), ...origin };
}

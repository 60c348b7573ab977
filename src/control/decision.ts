import { clampAction, holdAction } from '../spec.ts';
import { slice } from '../tensor.ts';
import type { CoreConfig, CoreState, LivePlan } from './state.ts';
import type { HoldReason, Tick } from './tick.ts';

/** A tick without its time. */
export type Decision = Omit<Tick, 'time'>;

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

function hold(
  config: CoreConfig,
  last: Float32Array | null,
  step: number,
  reason: HoldReason,
  refused: Pick<Decision, 'planned' | 'planId' | 'age'> = { planned: null, planId: null, age: null },
): Decision | null {
  if (config.actionSpec.mode === 'position' && !last) return null;
  const { action, clamped } = clampAction(config.actionSpec, holdAction(config.actionSpec, last));
  return { step, sent: action, source: 'hold', reason, clamped, ...refused };
}

function missingReason(state: CoreState): HoldReason {
  if (state.failuresInRow > 0) return 'planning-failed';
  return state.acted ? 'plan-exhausted' : 'no-plan-yet';
}

/**
 * What goes to the robot at `step` if nothing else happens, `last` being the row before it. The same function decides
 * a tick and foretells the committed rows of a request, so the two cannot differ.
 * Null where a position robot has no command that it could hold.
 */
export function decide(
  config: CoreConfig,
  state: CoreState,
  step: number,
  last: Float32Array | null,
): Decision | null {
  if (state.phase === 'held') return hold(config, last, step, 'commanded');
  if (state.phase !== 'running') return hold(config, last, step, 'stopping');
  if (state.watch.alarm) return hold(config, last, step, state.watch.alarm);
  const live = planAt(state.plans, step);
  const planned = live ? rowAt(live, step) : null;
  if (!live || !planned) return hold(config, last, step, missingReason(state));
  const origin = { planned, planId: live.plan.id, age: step - live.observedStep };
  if (!planned.every((value) => Number.isFinite(value)))
    return hold(config, last, step, 'not-finite', origin);
  const { action, clamped } = clampAction(config.actionSpec, planned);
  const source = step < overdueStep(config, live) ? 'plan' : 'tail';
  return { step, sent: action, source, clamped, ...origin };
}

import type { PlanRequest } from '../planning/policy.ts';
import { mayPlan } from '../safety/guard-state.ts';
import { tensor, type Tensor } from '../tensor.ts';
import { decide } from './decision.ts';
import type { CoreConfig, CoreState } from './state.ts';

/** A request without its budget, which the loop knows. */
export interface Ask extends Pick<PlanRequest, 'observations' | 'executed' | 'committed'> {
  readonly epoch: number;
  /** Step of the latest observation. */
  readonly observedStep: number;
  /** First step that the plan is for: `observedStep` and the committed rows. */
  readonly startStep: number;
}

function stack(rows: readonly Float32Array[], dim: number): Tensor {
  const data = new Float32Array(rows.length * dim);
  rows.forEach((row, i) => data.set(row, i * dim));
  return tensor([rows.length, dim], data);
}

/**
 * Rows that will have been sent for the `latency` steps from `observedStep` on: those sent already, then what `decide`
 * foretells. None for a position robot without a command to hold: nothing is sent to it until a plan comes.
 */
function committedRows(config: CoreConfig, state: CoreState, observedStep: number): Float32Array[] {
  const rows: Float32Array[] = [];
  let { motion } = state;
  for (let step = observedStep; step < observedStep + config.latency; step++) {
    const known = state.sent.find((row) => row.step === step)?.action;
    const decided = known ? null : decide(config, state, step, motion);
    const action = known ?? decided?.sent;
    if (!action) break;
    if (decided) motion = decided.motion;
    rows.push(action);
  }
  return rows;
}

/** The newest plan has no row where a plan asked for now would begin, so waiting any longer would mean holding. */
function nearlyExhausted(config: CoreConfig, state: CoreState, observedStep: number): boolean {
  const newest = state.plans.at(-1);
  return !newest || newest.plan.startStep + newest.rows <= observedStep + config.latency;
}

/**
 * The plan to ask for now, or null. One is due when none is in flight, the latest observation has not been planned
 * from, and the replan interval is over, the last attempt failed, or the rows run out.
 * `executed` holds the rows of the steps from the last request's observation up to this one's, so that `executed` and
 * `committed` follow each other without gap or overlap.
 */
export function nextRequest(config: CoreConfig, state: CoreState): Ask | null {
  const latest = state.observations.at(-1);
  if (!latest || state.stop || state.flight) return null;
  if (!mayPlan(state.guard, config.safety.guard.supervised)) return null;
  const observedStep = latest.step;
  if (observedStep === state.requestedStep) return null;
  const due = state.dueStep === null || observedStep >= state.dueStep;
  if (!due && !nearlyExhausted(config, state, observedStep)) return null;
  const { dim } = config.actionSpec;
  const executed = state.sent.filter((row) => row.step < observedStep).map((row) => row.action);
  const committed = committedRows(config, state, observedStep);
  return {
    observations: state.observations,
    executed: stack(executed, dim),
    committed: stack(committed, dim),
    epoch: state.guard.epoch,
    observedStep,
    startStep: observedStep + committed.length,
  };
}

import type { CadenceReport } from '../../control/cadence.ts';
import type { Tick } from '../../control/tick.ts';
import type { Plan } from '../../planning/plan.ts';
import { exact, rowsOf } from '../json-lines.ts';
import type { Bodies } from './bodies.ts';

/** `values` without the keys that hold null: viewers' schemas know no null. */
function present<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: Exclude<T[K], null>;
  };
}

export const stateBody = (names: readonly string[], state: Float32Array): Bodies['state'] => ({
  joints: exact(state).map((position, i) => ({ name: names[i] ?? String(i), position })),
});

export const actionBody = (values: Float32Array): Bodies['action'] => ({ values: exact(values) });

export const tickBody = ({
  time,
  sent,
  source,
  reason,
  planId,
  age,
  clamped,
  clamps,
}: Tick): Bodies['action'] => ({
  values: exact(sent),
  time,
  source,
  ...(reason === undefined ? {} : { reason }),
  ...present({ planId, age }),
  clamped,
  ...(clamps === undefined || clamps.length === 0 ? {} : { clamps: [...clamps] }),
});

export function planBody({ id, startStep, actions, evidence }: Plan, seed: number): Bodies['plan'] {
  const { eliteSpread, timeToGo, surprise, disagreement, costs, imaginedTimeToGo } = evidence;
  const { evaluations, iterations, cut, encodeMs, searchMs, totalMs, queueMs } = evidence;
  return {
    id,
    startStep,
    seed,
    rows: rowsOf(actions).map((row) => ({ values: exact(row) })),
    costs: [...costs],
    imaginedTimeToGo: [...imaginedTimeToGo],
    ...present({ eliteSpread, timeToGo, surprise, disagreement }),
    ...{ evaluations, iterations, cut, encodeMs, searchMs, totalMs },
    ...(queueMs === undefined ? {} : { queueMs }),
  };
}

export function linkBody(report: CadenceReport): Bodies['link'] {
  const { targetHz, achievedHz, lateTicks, skippedTicks, counters } = report;
  const { latenessMs, planMs, observationAgeMs } = report;
  const { plans, latePlans, droppedPlans, tails, clamps, failures, refused } = counters;
  return {
    targetHz,
    lateTicks,
    skippedTicks,
    ...present({ achievedHz, latenessMs, planMs, observationAgeMs }),
    plans,
    latePlans,
    droppedPlans,
    tails,
    holds: Object.values(counters.holds).reduce((a, b) => a + b, 0),
    clamps,
    failures,
    refused,
  };
}

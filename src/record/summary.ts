import { quantileSorted } from 'simple-statistics';
import type { PlanTimes, RunRecord, RunResult, RunTrace } from './run-record.ts';

/** Quantiles of milliseconds; null for none. */
export function planTimes(milliseconds: readonly number[]): PlanTimes | null {
  if (milliseconds.length === 0) return null;
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return {
    p50: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max: sorted.at(-1)!,
  };
}

const judge = ({ distances, successStep }: RunTrace): boolean | null =>
  successStep !== null ? true : distances.length === 0 ? null : false;

/** Sums a run up. */
export function summarize(trace: RunTrace): RunResult {
  const acted = trace.ticks.filter((tick) => tick.reason !== 'stopping');
  return {
    task: trace.task,
    model: trace.modelName,
    planner: trace.plannerName,
    track: trace.track,
    seed: trace.seed,
    success: judge(trace),
    stepsToSuccess: trace.successStep,
    steps: acted.length,
    finalDistance: trace.distances.at(-1) ?? null,
    planMs: planTimes(trace.plans.map((plan) => plan.evidence.totalMs)),
    plans: trace.plans.length,
    holds: acted.filter((tick) => tick.source === 'hold').length,
    tails: acted.filter((tick) => tick.source === 'tail').length,
    provider: trace.provider?.used ?? null,
    cadence: trace.cadence,
    version: trace.version,
    mode: trace.mode,
  };
}

/** A trace with its summary. */
export const completeRun = (trace: RunTrace): RunRecord => ({ ...trace, result: summarize(trace) });

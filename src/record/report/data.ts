import type { PlanRecord, RunRecord } from '../run-record.ts';
import type { SpriteSheet } from '../sprite-sheet.ts';

/** Five significant digits, which no screen shows more of; what is no finite number becomes a gap. */
const short = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(5));

/** A plan as the charts need it. */
function planData(plan: PlanRecord): object {
  const { evidence } = plan;
  return {
    id: plan.id,
    step: plan.step,
    toGo: short(evidence.timeToGo),
    imagined: evidence.imaginedTimeToGo.map(short),
    first: short(evidence.costs[0]),
    last: short(evidence.costs.at(-1)),
    encodeMs: short(evidence.encodeMs),
    searchMs: short(evidence.searchMs),
    totalMs: short(evidence.totalMs),
  };
}

/** The actions sent, one list per dimension. */
const actionColumns = (run: RunRecord): (number | null)[][] =>
  run.actionNames.map((_, dim) => run.ticks.map((tick) => short(tick.sent[dim])));

/** The last control step that there is anything to show of. */
export const lastStep = (run: RunRecord): number => Math.max(run.ticks.length, run.frames.at(-1)?.step ?? 0);

/** What the page's script reads: plain JSON, rounded, one list per curve. */
export function reportData(run: RunRecord, sheet: SpriteSheet): object {
  return {
    period: run.controlPeriod,
    steps: lastStep(run),
    repeat: run.actionRepeat,
    unit: run.distanceUnit,
    deadlineMs: short(run.deadlineMs),
    success: run.successStep,
    sheet: { columns: sheet.columns, width: sheet.frameWidth, height: sheet.frameHeight, steps: sheet.steps },
    names: run.actionNames,
    sent: actionColumns(run),
    sources: run.ticks.map((tick) => tick.source[0]).join(''),
    reasons: run.ticks.map((tick) => tick.reason ?? null),
    planIds: run.ticks.map((tick) => tick.planId),
    ages: run.ticks.map((tick) => tick.age),
    clamped: run.ticks.flatMap((tick, step) => (tick.clamped ? [step] : [])),
    distances: run.distances.map(short),
    plans: run.plans.map(planData),
  };
}

import type { ClampKind } from '../safety/motion.ts';
import type { HoldReason, Tick } from './tick.ts';

/** What a run has met so far; all are counts since its beginning. */
export interface Counters {
  readonly ticks: number;
  /** Plans that arrived, whatever became of them. */
  readonly plans: number;
  /** Plans that arrived after their first row was due. */
  readonly latePlans: number;
  /** Rows that lateness skipped. */
  readonly skippedRows: number;
  /** Plans never used: every row past, a newer plan already acting, or a hold commanded since they were asked for. */
  readonly droppedPlans: number;
  /** Ticks that ran on a plan whose replacement was overdue. */
  readonly tails: number;
  readonly holds: Readonly<Record<HoldReason, number>>;
  readonly clamps: number;
  /** Ticks that each kind of limit changed. */
  readonly clampsBy: Readonly<Record<ClampKind, number>>;
  /** Plans refused whole: not finite, or of the wrong shape. */
  readonly refused: number;
  /** Planning failures, recoverable or fatal. */
  readonly failures: number;
}

export const noCounts: Counters = {
  ticks: 0,
  plans: 0,
  latePlans: 0,
  skippedRows: 0,
  droppedPlans: 0,
  tails: 0,
  holds: {
    'no-plan-yet': 0,
    'plan-exhausted': 0,
    'planning-failed': 0,
    commanded: 0,
    stopping: 0,
    overdue: 0,
    'first-point': 0,
    surprised: 0,
    uncertain: 0,
    'not-armed': 0,
    'link-silent': 0,
    'sensors-silent': 0,
    clamping: 0,
    refused: 0,
    stopped: 0,
    'emergency-stop': 0,
  },
  clamps: 0,
  clampsBy: { position: 0, velocity: 0, acceleration: 0 },
  refused: 0,
  failures: 0,
};

function addClamps(counts: Counters['clampsBy'], clamps: readonly ClampKind[]): Counters['clampsBy'] {
  if (clamps.length === 0) return counts;
  return { ...counts, ...Object.fromEntries(clamps.map((kind) => [kind, counts[kind] + 1])) };
}

/** `counters` with one more tick. */
export function countTick(counters: Counters, tick: Tick): Counters {
  const { holds } = counters;
  return {
    ...counters,
    ticks: counters.ticks + 1,
    tails: counters.tails + (tick.source === 'tail' ? 1 : 0),
    clamps: counters.clamps + (tick.clamped ? 1 : 0),
    clampsBy: addClamps(counters.clampsBy, tick.clamps ?? []),
    holds: tick.reason === undefined ? holds : { ...holds, [tick.reason]: holds[tick.reason] + 1 },
  };
}

/** `counters` with one more plan, whose first `skipped` rows were past when it came. */
export const countPlan = (counters: Counters, skipped: number, dropped: boolean): Counters => ({
  ...counters,
  plans: counters.plans + 1,
  latePlans: counters.latePlans + (skipped > 0 ? 1 : 0),
  skippedRows: counters.skippedRows + skipped,
  droppedPlans: counters.droppedPlans + (dropped ? 1 : 0),
});

import { quantilesOf, type Quantiles } from '../control/cadence.ts';
import type { PlannedCell } from './cell.ts';
import type { EpisodeLine } from './episode-line.ts';

/** Upper ends of the histogram's bins, milliseconds; what is above the last one goes into one more. */
export const BINS_MS = [0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000] as const;

/** What the wall clock says of a cell; apart from the results, which a machine can't change. */
export interface CellTimings {
  readonly plans: number;
  readonly planMs: Quantiles | null;
  /** What a plan may take: a control period, or as many as the declared latency gives it. */
  readonly deadlineMs: number;
  readonly deadlineMisses: number;
  /** Plans per bin of `BINS_MS`. */
  readonly histogram: readonly number[];
  /** Milliseconds of whole episodes. */
  readonly playMs: Quantiles | null;
}

export function timingsOf({ cell, controlPeriod }: PlannedCell, lines: readonly EpisodeLine[]): CellTimings {
  const planMs = lines.flatMap((line) => line.planMs);
  const deadlineMs = 1000 * controlPeriod * Math.max(1, cell.latency);
  const histogram = new Array<number>(BINS_MS.length + 1).fill(0);
  for (const ms of planMs) {
    const bin = BINS_MS.findIndex((end) => ms <= end);
    histogram[bin < 0 ? BINS_MS.length : bin]! += 1;
  }
  return {
    plans: planMs.length,
    planMs: quantilesOf(planMs),
    deadlineMs,
    deadlineMisses: planMs.filter((ms) => ms > deadlineMs).length,
    histogram,
    playMs: quantilesOf(lines.map((line) => line.playMs)),
  };
}

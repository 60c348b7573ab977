import type { Quantiles } from '../control/cadence.ts';
import type { PlannedCell } from './cell.ts';
import type { EpisodeLine } from './episode-line.ts';
import { timingsOf, type CellTimings } from './timings.ts';

/** What a queue cost beside the playing. */
export interface QueueOverhead {
  readonly jobs: number;
  readonly workers: number;
  /** From the end of a worker's job to the beginning of its next, and inside a job what was not playing. */
  readonly overheadMs: Quantiles | null;
}

/** `timings.json`: all that another machine, or the same one on another day, would measure differently. */
export interface Timings {
  /** ISO 8601. */
  readonly started: string;
  /** Of the last run of the command; a continued one counts what was left. */
  readonly wallSeconds: number;
  readonly machine: string;
  readonly node: string;
  /** Null where no queue was used. */
  readonly queue: QueueOverhead | null;
  /** By the cell's id. */
  readonly cells: Readonly<Record<string, CellTimings>>;
}

export const cellTimings = (
  cells: readonly PlannedCell[],
  linesOf: (cell: PlannedCell) => readonly EpisodeLine[],
): Record<string, CellTimings> =>
  Object.fromEntries(cells.map((cell) => [cell.id, timingsOf(cell, linesOf(cell))]));

import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import { cellTimings, type Timings } from '../../evaluation/timings-file.ts';
import type { PlannedCell } from '../../evaluation/cell.ts';
import { linesOf, resultsOf, type Results } from '../../evaluation/results.ts';
import type { OpenLoopResult } from '../../evaluation/open-loop/result.ts';
import type { Machine } from '../../evaluation/expand.ts';
import { wilson } from '../../evaluation/statistics.ts';
import type { Suite } from '../../evaluation/suite.ts';
import { progress } from '../progress.ts';
import { version } from '../version.ts';
import type { OpenBackend } from './backend.ts';
import { SuiteFolder } from './folder.ts';
import { openLoopOf } from './open-loop.ts';
import { planSuite } from './plan.ts';
import { Session } from './session.ts';
import { playUntilDecided } from './until-decided.ts';

export interface SuiteOptions {
  readonly suite: Suite;
  readonly out: string;
  readonly machine: Machine;
  readonly open: OpenBackend;
  readonly signal: AbortSignal;
  /** Stop pairs of planners as soon as one is known to be better. */
  readonly untilDecided: boolean;
}

/** A suite that was played, wholly or until an interrupt. */
export interface SuiteRun {
  readonly results: Results;
  readonly timings: Timings;
  readonly cells: readonly PlannedCell[];
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** The cell's interval so far, for the bar. */
function runningNote(folder: SuiteFolder, cells: readonly PlannedCell[]): (cell: string) => string {
  const counts = new Map<string, { played: number; won: number }>();
  const names = new Map(cells.map(({ id, cell, label }) => [id, `${cell.task} ${cell.track.name} ${label}`]));
  const count = (id: string, success: boolean) => {
    const { played, won } = counts.get(id) ?? { played: 0, won: 0 };
    counts.set(id, { played: played + 1, won: won + (success ? 1 : 0) });
  };
  for (const line of folder.episodes.kept.records) count(line.cell, line.success);
  const seen = new Set(folder.episodes.kept.records.map(({ id }) => id));
  return (id) => {
    for (const line of folder.episodes.records.slice(seen.size)) {
      seen.add(line.id);
      count(line.cell, line.success);
    }
    const { played, won } = counts.get(id) ?? { played: 0, won: 0 };
    const { low, high } = wilson(won, played);
    return `${names.get(id) ?? id}: ${won}/${played} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}] %`;
  };
}

/** Plays what a suite's folder lacks, and puts the results together. Writes no reports. */
export async function runSuite(options: SuiteOptions): Promise<SuiteRun> {
  const { suite, out, machine, open, signal, untilDecided } = options;
  const planned = await planSuite(suite, machine);
  const began = performance.now();
  const started = new Date().toISOString();
  using folder = new SuiteFolder(out);
  folder.repairs.forEach(say);
  const session = new Session({
    folder,
    open,
    signal,
    bar: (label, total, done) => progress(label, total, label === 'manifest' ? 'starts' : 'episodes', done),
    note: runningNote(folder, planned),
  });
  let cells: readonly PlannedCell[] = planned;
  if (untilDecided) cells = await playUntilDecided(planned, suite.reference, session, folder, signal);
  else await session.play(planned);
  const openLoop: OpenLoopResult[] = signal.aborted ? [] : await openLoopOf(suite, machine);
  const results = resultsOf({
    suite,
    version,
    cells,
    episode: (id) => folder.episodes.get(id),
    situation: (id) => folder.situations.get(id),
    lost: session.lost,
    openLoop,
  });
  const timings: Timings = {
    started,
    wallSeconds: (performance.now() - began) / 1000,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${platform()} ${arch()}`,
    node: process.version,
    queue: session.overhead,
    cells: cellTimings(cells, (one) => linesOf(one, (id) => folder.episodes.get(id))),
  };
  return { results, timings, cells };
}

/** Where a suite's folder lies unless told otherwise; the same name continues. */
export const defaultFolder = (suite: string): string => join('runs', 'eval', suite);

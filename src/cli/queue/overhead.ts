import { quantilesOf } from '../../control/cadence.ts';
import type { QueueOverhead } from '../../evaluation/timings-file.ts';
import type { SentJob } from './sent-jobs.ts';

/** Milliseconds of one job by the queue's own clock. */
interface Stamps {
  readonly worker: string;
  readonly begun: number;
  readonly ended: number;
  readonly playMs: number;
}

/** Stamps of a finished job; null for what was not played, or whose times Redis has lost. */
export function stampsOf({ returnvalue, processedOn, finishedOn }: SentJob): Stamps | null {
  if (processedOn === undefined || finishedOn === undefined || returnvalue.outcome.kind !== 'play')
    return null;
  const { worker, outcome } = returnvalue;
  return { worker, begun: processedOn, ended: finishedOn, playMs: outcome.line.playMs };
}

/** For workers of one job at a time: with more, gaps between jobs overlap and mean nothing. */
export function overheadOf(stamps: readonly Stamps[]): QueueOverhead {
  const workers = [...new Set(stamps.map(({ worker }) => worker))];
  const overheads = workers.flatMap((name) => {
    const own = stamps.filter(({ worker }) => worker === name).sort((a, b) => a.begun - b.begun);
    return own.flatMap(({ begun, ended, playMs }, i) => {
      const next = own[i + 1];
      return next ? [ended - begun - playMs + Math.max(0, next.begun - ended)] : [];
    });
  });
  return { jobs: stamps.length, workers: workers.length, overheadMs: quantilesOf(overheads) };
}

import { availableParallelism } from 'node:os';
import { episodeId, type CellRequest } from '../../evaluation/cell.ts';
import { recordOf } from '../../evaluation/episode-line.ts';
import { summarise, type EpisodeRecord, type EvaluationResult } from '../../evaluation/summary.ts';
import { JepilotError } from '../../errors.ts';
import { progress } from '../progress.ts';
import { version } from '../version.ts';
import { Crew } from './crew.ts';
import type { Order } from './orders.ts';
import { settleCell } from './settle.ts';

export interface TaskRun {
  readonly request: CellRequest;
  readonly seed: number;
  readonly episodes: number;
  readonly jobs: number;
  readonly signal: AbortSignal;
}

const note = (records: readonly EpisodeRecord[]): string => {
  const done = Object.values(records);
  return `${done.filter((record) => record.success).length}/${done.length} reached`;
};

/** Plays one cell and keeps nothing on disk. The first episode that can't be played ends it. */
export async function evaluateTask(run: TaskRun): Promise<EvaluationResult> {
  const { request, seed, episodes, jobs, signal } = run;
  const { id, cell, choice, outside } = await settleCell(request);
  if (outside.length > 0) {
    process.stderr.write(`note: outside the model's training data: ${outside.join(', ')}\n`);
  }
  const bar = progress('eval', episodes, 'episodes');
  const records: EpisodeRecord[] = [];
  const orders = Array.from({ length: episodes }, (_, i): Order => ({
    kind: 'play',
    request,
    cell: id,
    seed: seed + i,
    expected: null,
    pictures: 0,
  }));
  try {
    await using crew = new Crew({
      jobs,
      signal,
      onOutcome: (_order, outcome) => {
        if (outcome.kind !== 'play') return;
        records[outcome.line.seed - seed] = recordOf(outcome.line);
        bar.advance(note(records));
      },
      onLost: ({ order, reason }) => {
        throw new JepilotError(
          'bad-state',
          `episode ${order.seed} (${episodeId(id, order.seed)}): ${reason}`,
        );
      },
    });
    await crew.run(orders);
  } finally {
    bar.stop();
  }
  if (signal.aborted) {
    process.stderr.write(`stopped; ${Object.keys(records).length} of ${episodes} episodes were played\n`);
  }
  const header = {
    task: cell.task,
    model: cell.model?.name ?? null,
    planner: cell.planner,
    track: cell.track.name,
    seed,
    latency: cell.latency,
    toEnd: cell.toEnd,
    provider: cell.provider,
    version,
    settings: choice.settings,
    variation: cell.variation,
  };
  return summarise(header, Object.values(records));
}

/** Workers, unless told otherwise: one a core. */
export const defaultJobs = (): number => availableParallelism();

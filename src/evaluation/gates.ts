import { z } from 'zod';
import { JepilotError, reasonOf } from '../errors.ts';
import { hashSpec } from '../spec.ts';
import type { Cell } from './cell.ts';
import { countPairs, holm, mcnemarWorse } from './paired.ts';
import { RESULTS_FORMAT, type CellResult, type Results } from './results.ts';
import { ALPHA } from './sequential.ts';

/** A condition that results must meet. */
export interface Gate {
  /** The cell that it speaks of; null where there is none. */
  readonly cell: string | null;
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}

/** What a baseline is read for; the rest of a results file is of no concern here. */
const Baseline = z.object({
  format: z.literal(RESULTS_FORMAT),
  cells: z.array(
    z.object({
      label: z.string(),
      cell: z.object({
        task: z.string(),
        track: z.record(z.string(), z.unknown()),
        latency: z.number(),
        variation: z.record(z.string(), z.number()),
        model: z.object({ name: z.string() }).nullable(),
      }),
      episodes: z.array(z.object({ seed: z.number(), situation: z.string(), success: z.boolean() })),
    }),
  ),
});
export type Baseline = z.infer<typeof Baseline>;

/** Reads a `results.json` of before. Throws JepilotError('bad-file'). */
export function readBaseline(source: string, file: string): Baseline {
  try {
    return Baseline.parse(JSON.parse(source));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const reason = issue ? `'${issue.path.join('.')}': ${issue.message}` : reasonOf(cause);
    throw new JepilotError('bad-file', `${file} is no results file of an evaluation: ${reason}`, { cause });
  }
}

/** What a cell is the successor of: the same question, whatever version, checksum or settings answer it now. */
const questionOf = (
  label: string,
  cell: Pick<Cell, 'task' | 'latency' | 'variation'> & { track: object },
): string => hashSpec([label, cell.task, cell.track, cell.latency, cell.variation]);

const nameOf = ({ label, cell }: CellResult): string => `${cell.task} ${cell.track.name} ${label}`;

/**
 * Each cell against the same one of the baseline, over the episodes with the same start and goal: worse by McNemar's
 * exact one-sided test, corrected by Holm for all cells, fails. A cell of the baseline that is missing fails too, and
 * so does one without common episodes.
 */
export function regressionGates(results: Results, baseline: Baseline): Gate[] {
  const now = new Map(results.cells.map((one) => [questionOf(one.label, one.cell), one]));
  const tests = baseline.cells.map(({ label, cell, episodes }) => {
    const present = now.get(questionOf(label, cell));
    const before = new Map(episodes.map(({ situation, success }) => [situation, success]));
    const pairs = (present?.episodes ?? []).flatMap(({ situation, success }): [boolean, boolean][] => {
      const past = before.get(situation);
      return past === undefined ? [] : [[success, past]];
    });
    const counts = countPairs(pairs);
    const known = `${cell.task} ${String(cell.track['name'])} ${label}`;
    return { present, known, pairs: pairs.length, counts, p: mcnemarWorse(counts) };
  });
  const adjusted = holm(tests.map(({ p }) => p));
  return tests.map(({ present, known, pairs, counts }, i): Gate => {
    const about = { cell: present?.id ?? null, name: `baseline of ${known}` };
    if (!present) return { ...about, passed: false, message: 'the baseline has it; these results lack it' };
    if (pairs === 0) return { ...about, passed: false, message: 'no episode in common with the baseline' };
    const worse = adjusted[i]! < ALPHA && counts.first < counts.second;
    const { first, second } = counts;
    const message = `${pairs} pairs, ${first} won and ${second} lost against the baseline, p ${adjusted[i]!.toFixed(4)}`;
    return { ...about, passed: !worse, message };
  });
}

export interface MinimumSuccess {
  readonly task: string;
  /** Null: every track of the task. */
  readonly track: string | null;
  readonly rate: number;
}

/** Every cell of the task (and track) must reach the rate. A condition that no cell answers to fails. */
export const successGates = (results: Results, minimum: readonly MinimumSuccess[]): Gate[] =>
  minimum.flatMap(({ task, track, rate }): Gate[] => {
    const cells = results.cells.filter(
      ({ cell }) => cell.task === task && (track === null || cell.track.name === track),
    );
    const wanted = `success of at least ${(100 * rate).toFixed(1)} %`;
    if (cells.length === 0) {
      const name = `${track === null ? task : `${task} ${track}`}: ${wanted}`;
      return [{ cell: null, name, passed: false, message: 'nothing of it was played' }];
    }
    return cells.map((one) => {
      const { successes, episodes } = one.summary;
      return {
        cell: one.id,
        name: `${nameOf(one)}: ${wanted}`,
        passed: episodes > 0 && one.summary.rate >= rate,
        message: `${successes} of ${episodes} (${(100 * one.summary.rate).toFixed(1)} %)`,
      };
    });
  });

import { rngOf } from '../rng.ts';
import { bootstrap, type BootstrapInterval } from './bootstrap.ts';
import type { PlannedCell } from './cell.ts';
import type { EpisodeLine } from './episode-line.ts';
import { successByLength } from './path-length.ts';
import type { Situation } from './situation.ts';
import { quantiles, wilson } from './statistics.ts';

const median = (values: readonly number[]): number => quantiles(values, { p50: 0.5 }).p50 ?? NaN;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const atEnds = { p50: 0.5, p95: 0.95 };

/** What a cell's episodes come to; nothing in it depends on the wall clock. */
export interface CellSummary {
  /** Lost ones among them, as failures. */
  readonly episodes: number;
  readonly successes: number;
  readonly rate: number;
  /** Wilson's 95 % interval. */
  readonly low: number;
  readonly high: number;
  readonly stepsToSuccess: { readonly p50: number | null; readonly p95: number | null };
  /** Bootstrap interval of the median; null without a success. */
  readonly medianSteps: BootstrapInterval | null;
  /** Over `n` episodes whose quickest way is known. */
  readonly spl: { readonly value: number | null; readonly n: number };
  readonly finalDistance: { readonly p50: number | null; readonly p95: number | null };
  /** Seconds for which success stood at the end, over the successes. */
  readonly holdTime: { readonly p50: number | null };
  readonly illegalEpisodes: number;
  readonly plans: number;
  readonly evaluationsPerAction: number;
  /** Ticks without a live plan, and on an overdue one. */
  readonly holds: number;
  readonly tails: number;
  readonly clamps: number;
  readonly lost: number;
}

/** Sums up one cell. `situations` finds the manifest's entry of a seed. */
export function summariseCell(
  { id, controlPeriod }: PlannedCell,
  lines: readonly EpisodeLine[],
  lost: number,
  situationOf: (seed: number) => Situation | undefined,
): CellSummary {
  const successes = lines.filter(({ success }) => success);
  const steps = successes.flatMap(({ stepsToSuccess }) => stepsToSuccess ?? []);
  const journeys = lines.flatMap(({ seed, success, stepsToSuccess }) => {
    const reference = situationOf(seed)?.reference ?? null;
    return reference === null ? [] : [{ success, steps: stepsToSuccess, reference }];
  });
  const total = lines.length + lost;
  return {
    episodes: total,
    successes: successes.length,
    ...wilson(successes.length, total),
    stepsToSuccess: quantiles(steps, atEnds),
    medianSteps: bootstrap(steps, median, rngOf('bootstrap', id)),
    spl: { value: successByLength(journeys), n: journeys.length },
    finalDistance: quantiles(
      lines.map(({ finalDistance }) => finalDistance),
      atEnds,
    ),
    holdTime: quantiles(
      successes.map(({ heldSteps }) => heldSteps * controlPeriod),
      { p50: 0.5 },
    ),
    illegalEpisodes: lines.filter(({ illegalSteps }) => illegalSteps > 0).length,
    plans: sum(lines.map(({ plans }) => plans)),
    evaluationsPerAction:
      sum(lines.map(({ evaluations }) => evaluations)) / Math.max(1, sum(lines.map((line) => line.steps))),
    holds: sum(lines.map(({ holds }) => holds)),
    tails: sum(lines.map(({ tails }) => tails)),
    clamps: sum(lines.map(({ clamps }) => clamps)),
    lost,
  };
}

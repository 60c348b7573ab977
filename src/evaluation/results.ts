import { episodeId, type Axis, type Cell, type PlannedCell } from './cell.ts';
import { summariseCell, type CellSummary } from './cell-summary.ts';
import { compareAll, type Comparison } from './compare.ts';
import type { EpisodeLine, LostEpisode } from './episode-line.ts';
import { familySpreads, type FamilySpread } from './families.ts';
import type { OpenLoopResult } from './open-loop/result.ts';
import { situationId, type Situation } from './situation.ts';

export const RESULTS_FORMAT = 'jepilot-eval/1';

/** One episode of a cell; equal actions, equal hash. */
export interface EpisodeResult {
  readonly seed: number;
  /** Hash of start, goal and scene: what makes two episodes a pair. */
  readonly situation: string;
  readonly success: boolean;
  readonly steps: number;
  readonly finalDistance: number | null;
  readonly actions: string | null;
}

export interface CellResult {
  readonly id: string;
  readonly label: string;
  readonly family: string | null;
  readonly isMain: boolean;
  readonly axes: readonly Axis[];
  readonly outside: readonly string[];
  readonly distanceUnit: string;
  readonly cell: Cell;
  readonly summary: CellSummary;
  readonly lost: readonly Omit<LostEpisode, 'cell'>[];
  readonly episodes: readonly EpisodeResult[];
}

/** Everything that a suite found, timings aside: the same bytes for the same suite, version and kind of machine. */
export interface Results {
  readonly format: typeof RESULTS_FORMAT;
  readonly suite: string;
  readonly about: string | null;
  readonly version: string;
  readonly reference: string | null;
  readonly complete: boolean;
  readonly cells: readonly CellResult[];
  readonly comparisons: readonly Comparison[];
  readonly families: readonly FamilySpread[];
  readonly openLoop: readonly OpenLoopResult[];
}

export interface Found {
  readonly suite: {
    readonly suite: string;
    readonly about?: string | undefined;
    readonly reference?: string | undefined;
  };
  readonly version: string;
  readonly cells: readonly PlannedCell[];
  readonly episode: (id: string) => EpisodeLine | undefined;
  readonly situation: (id: string) => Situation | undefined;
  readonly lost: readonly LostEpisode[];
  readonly openLoop: readonly OpenLoopResult[];
}

const seedsOf = ({ seed, episodes }: PlannedCell): number[] =>
  Array.from({ length: episodes }, (_, i) => seed + i);

/** The episodes of a cell that were played, by seed. */
export const linesOf = (planned: PlannedCell, episode: Found['episode']): EpisodeLine[] =>
  seedsOf(planned).flatMap((seed) => episode(episodeId(planned.id, seed)) ?? []);

function cellResult(planned: PlannedCell, found: Found): CellResult {
  const { id, label, family, isMain, axes, outside, distanceUnit, cell } = planned;
  const lines = linesOf(planned, found.episode);
  const lost = found.lost.filter((one) => one.cell === id).sort((a, b) => a.seed - b.seed);
  const situationOf = (seed: number) => found.situation(situationId(cell, seed));
  const hashOf = (seed: number): string => situationOf(seed)?.hash ?? '';
  const played = lines.map(({ seed, success, steps, finalDistance, actions }) => ({
    seed,
    situation: hashOf(seed),
    success,
    steps,
    finalDistance,
    actions,
  }));
  const missed = lost.map(({ seed }) => ({
    seed,
    situation: hashOf(seed),
    success: false,
    steps: 0,
    finalDistance: null,
    actions: null,
  }));
  return {
    id,
    label,
    family,
    isMain,
    axes,
    outside,
    distanceUnit,
    cell,
    summary: summariseCell(planned, lines, lost.length, situationOf),
    lost: lost.map(({ seed, reason }) => ({ seed, reason })),
    episodes: [...played, ...missed].sort((a, b) => a.seed - b.seed),
  };
}

/** Puts together what was found; cells in the order of the suite, episodes by seed. */
export function resultsOf(found: Found): Results {
  const { suite, version, cells: planned, openLoop } = found;
  const cells = planned.map((one) => cellResult(one, found));
  const contestants = cells.map((one) => ({
    ...one,
    outcomes: new Map(one.episodes.map(({ seed, success }) => [seed, success])),
  }));
  return {
    format: RESULTS_FORMAT,
    suite: suite.suite,
    about: suite.about ?? null,
    version,
    reference: suite.reference ?? null,
    complete: cells.every((one, i) => one.episodes.length === planned[i]!.episodes),
    cells,
    comparisons: compareAll(contestants, suite.reference),
    families: familySpreads(cells.map(({ summary }, i) => ({ planned: planned[i]!, summary }))),
    openLoop,
  };
}

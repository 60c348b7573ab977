import { mean, sampleStandardDeviation } from 'simple-statistics';
import { sceneKey, type PlannedCell } from './cell.ts';
import { groupBy } from './group-by.ts';
import type { CellSummary } from './cell-summary.ts';

/** Models that differ in the seed of their training alone, over the same episodes. */
export interface FamilySpread {
  readonly family: string;
  readonly task: string;
  readonly track: string;
  readonly label: string;
  readonly models: readonly string[];
  readonly rates: readonly number[];
  readonly mean: number;
  /** Standard deviation of the rates over training seeds; null below two. */
  readonly overTraining: number | null;
  /** What chance over episodes alone would give: sqrt(p (1 - p) / n) at the mean rate. */
  readonly overEpisodes: number;
}

/** The spread over training seeds beside that over episodes, for each family that a suite names. */
export function familySpreads(
  cells: readonly { readonly planned: PlannedCell; readonly summary: CellSummary }[],
): FamilySpread[] {
  const groups = groupBy(
    cells.filter(({ planned }) => planned.family !== null),
    ({ planned: { family, cell, label } }) => [family, sceneKey(cell), cell.latency, label].join(' '),
  );
  return [...groups.values()].map((group) => {
    const { family, cell, label } = group[0]!.planned;
    const rates = group.map(({ summary }) => summary.rate);
    const centre = mean(rates);
    const n = mean(group.map(({ summary }) => summary.episodes));
    return {
      family: family ?? '',
      task: cell.task,
      track: cell.track.name,
      label,
      models: group.map(({ planned }) => planned.cell.model?.name ?? 'none'),
      rates,
      mean: centre,
      overTraining: rates.length > 1 ? sampleStandardDeviation(rates) : null,
      overEpisodes: Math.sqrt((centre * (1 - centre)) / Math.max(1, n)),
    };
  });
}

import { sceneKey, type Cell } from './cell.ts';
import { groupBy } from './group-by.ts';
import { countPairs, holm, mcnemar, pairedDifference, type Difference, type PairCounts } from './paired.ts';
import { anytimeP } from './sequential.ts';

/** What comparing needs of a cell. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  readonly cell: Pick<Cell, 'task' | 'track' | 'variation' | 'latency'>;
  /** Success by seed. */
  readonly outcomes: ReadonlyMap<number, boolean>;
}

/** Two cells over the episodes that both played. */
export interface Comparison extends Difference {
  /** Ids of the cells; the difference is the first less the second. */
  readonly first: string;
  readonly second: string;
  readonly pairs: number;
  readonly counts: PairCounts;
  /** McNemar's exact p, two-sided. */
  readonly p: number;
  /** Corrected for all comparisons of the suite (Holm). */
  readonly adjusted: number;
  /** P that holds however the number of episodes was chosen. */
  readonly anytime: number;
}

/** Cells that were played over the same starts and goals with the same latency, in the order of the suite. */
export const byScene = <T extends Pick<Contestant, 'cell'>>(cells: readonly T[]): T[][] => [
  ...groupBy(cells, ({ cell }) => `${sceneKey(cell)} ${cell.latency}`).values(),
];

export const pairsOf = (a: Contestant, b: Contestant): PairCounts =>
  countPairs(
    [...a.outcomes].flatMap(([seed, won]): [boolean, boolean][] => {
      const other = b.outcomes.get(seed);
      return other === undefined ? [] : [[won, other]];
    }),
  );

/** The one that a scene's others are compared with: by its label, else the first. */
export const referenceOf = <T extends Pick<Contestant, 'label'>>(
  scene: readonly T[],
  label: string | undefined,
): T | undefined => scene.find((one) => one.label === label) ?? scene[0];

/** Every cell against the reference of its scene, with Holm's correction over all of them. */
export function compareAll(cells: readonly Contestant[], reference: string | undefined): Comparison[] {
  const all = byScene(cells).flatMap((scene) => {
    const first = referenceOf(scene, reference);
    if (!first) return [];
    return scene
      .filter((second) => second !== first)
      .map((second) => {
        const counts = pairsOf(first, second);
        return {
          first: first.id,
          second: second.id,
          pairs: counts.both + counts.first + counts.second + counts.neither,
          counts,
          ...pairedDifference(counts),
          p: mcnemar(counts),
          anytime: anytimeP(counts),
        };
      });
  });
  const adjusted = holm(all.map(({ p }) => p));
  return all.map((one, i) => ({ ...one, adjusted: adjusted[i]! }));
}

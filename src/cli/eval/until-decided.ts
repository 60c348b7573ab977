import { byScene, pairsOf, referenceOf } from '../../evaluation/compare.ts';
import type { PlannedCell } from '../../evaluation/cell.ts';
import { linesOf } from '../../evaluation/results.ts';
import { decide } from '../../evaluation/sequential.ts';
import type { SuiteFolder } from './folder.ts';
import type { Session } from './session.ts';

/** Episodes of every open cell between two looks. A look costs no error, but workers wait for it. */
const ROUND = 10;

/** What is known of a cell after its first `episodes` seeds, whoever played how many more. */
function outcomesOf(cell: PlannedCell, episodes: number, folder: SuiteFolder) {
  const lines = linesOf({ ...cell, episodes }, (id) => folder.episodes.get(id));
  return { ...cell, outcomes: new Map(lines.map(({ seed, success }) => [seed, success])) };
}

/** Ids of the cells that some comparison still needs after `episodes` seeds. */
function openCells(
  cells: readonly PlannedCell[],
  label: string | undefined,
  played: ReadonlyMap<string, number>,
  folder: SuiteFolder,
): Set<string> {
  const scenes = byScene(cells);
  const comparisons = scenes.reduce((sum, scene) => sum + scene.length - 1, 0);
  const open = new Set<string>();
  for (const scene of scenes) {
    const reference = referenceOf(scene, label);
    for (const other of scene) {
      if (!reference || other === reference) continue;
      const episodes = Math.min(played.get(reference.id) ?? 0, played.get(other.id) ?? 0);
      const counts = pairsOf(outcomesOf(reference, episodes, folder), outcomesOf(other, episodes, folder));
      if (decide(counts, comparisons) === 'open') open.add(reference.id).add(other.id);
    }
  }
  return open;
}

/**
 * Plays in rounds until every planner is known to be better or worse than the reference of its scene, or has played all
 * its episodes. Looks at whole rounds in the order of seeds only, so the number of workers changes nothing. Returns the
 * cells with as many episodes as each came to.
 */
export async function playUntilDecided(
  cells: readonly PlannedCell[],
  label: string | undefined,
  session: Session,
  folder: SuiteFolder,
  signal: AbortSignal,
): Promise<PlannedCell[]> {
  const played = new Map<string, number>();
  let open = new Set(cells.map(({ id }) => id));
  while (open.size > 0 && !signal.aborted) {
    const round = cells
      .filter(({ id, episodes }) => open.has(id) && (played.get(id) ?? 0) < episodes)
      .map((cell) => ({ ...cell, episodes: Math.min(cell.episodes, (played.get(cell.id) ?? 0) + ROUND) }));
    if (round.length === 0) break;
    await session.play(round);
    for (const { id, episodes } of round) played.set(id, episodes);
    open = openCells(cells, label, played, folder);
  }
  return cells.map((cell) => ({ ...cell, episodes: played.get(cell.id) ?? 0 }));
}

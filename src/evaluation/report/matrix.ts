import { escapeHtml } from '../../record/report/escape.ts';
import { byScene, pairsOf } from '../compare.ts';
import { mcnemar } from '../paired.ts';
import type { CellResult } from '../results.ts';
import { conditionOf, namesOf } from '../tables.ts';

/** Cells beyond this many make a matrix that nobody reads. */
const MOST = 12;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function matrix(scene: readonly CellResult[]): string {
  const contestants = scene.map((one) => ({
    ...one,
    outcomes: new Map(one.episodes.map(({ seed, success }) => [seed, success])),
  }));
  const [first] = scene;
  if (!first) return '';
  const nameOf = namesOf(scene);
  const head = scene.map((one) => `<th scope="col">${escapeHtml(nameOf(one))}</th>`).join('');
  const rows = contestants.map((a) => {
    const cells = contestants.map((b) => {
      if (a === b) return `<td class="soft">${percent(a.summary.rate)}</td>`;
      const counts = pairsOf(a, b);
      const p = mcnemar(counts);
      const better = p < 0.05 ? (counts.first > counts.second ? ' class="good"' : ' class="bad"') : '';
      const text = `${counts.first} : ${counts.second}`;
      return `<td${better} title="p ${p.toPrecision(3)}, both ${counts.both}, neither ${counts.neither}">${text}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(nameOf(a))}</th>${cells.join('')}</tr>`;
  });
  const condition = conditionOf(first);
  const name = `${first.cell.task} ${first.cell.track.name}${condition ? `, ${condition}` : ''}`;
  return `<div class="scroll"><table class="matrix"><caption>${escapeHtml(name)}</caption><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Who wins where the other fails, for all planners of a scene. Empty where nobody shares one. */
export function matrices(cells: readonly CellResult[]): string {
  const scenes = byScene(cells).filter((scene) => scene.length > 1 && scene.length <= MOST);
  if (scenes.length === 0) return '';
  return `<section class="card wide"><h2>Pair by pair</h2>
<p class="soft">Episodes that the row won and the column lost, against the reverse; success rate on the diagonal. Coloured where McNemar's exact p, uncorrected, is below 0.05.</p>
<div class="matrices">${scenes.map(matrix).join('\n')}</div></section>`;
}

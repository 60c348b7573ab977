import { escapeHtml } from '../../record/report/escape.ts';
import { readable } from '../../record/outcome.ts';
import { episodeId } from '../cell.ts';
import type { CellResult, EpisodeResult } from '../results.ts';

/** PNG files of one episode as data URIs: the goal, and the way from start to end. */
export interface EpisodePictures {
  readonly goal: string;
  readonly way: string;
}
export type FindPictures = (episode: string) => EpisodePictures | null;

/** Episodes of one cell that a page shows; failures go first, so a bad cell shows them alone. */
const PER_CELL = 12;
/** Episodes of a whole page. */
const MOST = 360;

/** `jepilot run` plays the same episode again where the track is the task's own. */
function replay({ cell, label }: CellResult, seed: number): string {
  if (cell.policy !== null || Object.keys(cell.track).length > 1) return '';
  const set = Object.entries(cell.variation).map(([name, value]) => ` --set ${name}=${value}`);
  const latency = cell.latency > 0 ? ` --latency ${cell.latency}` : '';
  const settings = [...label.matchAll(/(samples|iterations|horizon|elites)=(\d+)/g)].map(
    ([, name, value]) => ` --${name} ${value}`,
  );
  const model = cell.model ? ` --model ${cell.model.name}` : '';
  return (
    `jepilot run ${cell.task} --fast --track ${cell.track.name} --planner ${cell.planner} --seed ${seed}` +
    [model, latency, ...set, ...settings].join('')
  );
}

function tile(one: CellResult, episode: EpisodeResult, pictures: EpisodePictures): string {
  const { cell, label, distanceUnit } = one;
  const { seed, success, steps, finalDistance, situation } = episode;
  const outcome = success ? 'reached' : 'failed';
  const distance = finalDistance === null ? '–' : `${readable(finalDistance)} ${distanceUnit}`;
  const name = `${cell.task} ${cell.track.name} ${label}`;
  const command = replay(one, seed);
  const data = [
    `data-cell="${escapeHtml(name)}"`,
    `data-seed="${seed}"`,
    `data-steps="${steps}"`,
    `data-distance="${finalDistance ?? 1e9}"`,
    `data-success="${success ? 1 : 0}"`,
  ].join(' ');
  return (
    `<figure class="tile ${success ? 'good' : 'bad'}" ${data}>` +
    `<div class="strip"><img loading="lazy" src="${pictures.way}" alt="from start to end, left to right">` +
    `<img class="goal" loading="lazy" src="${pictures.goal}" alt="the goal"></div>` +
    `<figcaption><b>${outcome}</b> after ${steps} steps, ${escapeHtml(distance)} away` +
    `<span class="soft">${escapeHtml(name)}, seed ${seed}, start ${situation}</span>` +
    (command === '' ? '' : `<code>${escapeHtml(command)}</code>`) +
    '</figcaption></figure>'
  );
}

/** Failures first, then by seed. */
const ordered = (episodes: readonly EpisodeResult[]): EpisodeResult[] =>
  [...episodes].sort((a, b) => Number(a.success) - Number(b.success) || a.seed - b.seed);

/** Episodes as pictures: start, way, end and goal of each; failures first. Empty without pictures. */
export function gallery(cells: readonly CellResult[], find: FindPictures): string {
  const each = Math.max(2, Math.min(PER_CELL, Math.floor(MOST / Math.max(1, cells.length))));
  const tiles = cells.flatMap((one) =>
    ordered(one.episodes)
      .slice(0, each)
      .flatMap((episode) => {
        const pictures = find(episodeId(one.id, episode.seed));
        return pictures ? [{ success: episode.success, html: tile(one, episode, pictures) }] : [];
      }),
  );
  if (tiles.length === 0) return '';
  const names = [...new Set(cells.map(({ cell, label }) => `${cell.task} ${cell.track.name} ${label}`))];
  const options = names.map((name) => `<option>${escapeHtml(name)}</option>`).join('');
  const html = [...tiles].sort((a, b) => Number(a.success) - Number(b.success)).map((one) => one.html);
  return `<section class="card wide"><h2>Episodes</h2>
<p class="soft">Six pictures from start to end, the goal framed at the right. At most ${each} of each row of the table, failures first; all of them are in episodes.jsonl and pictures/.</p>
<div class="controls"><label>Show <select id="show"><option value="">all</option>${options}</select></label>
<label>Sort by <select id="sort"><option value="success">failures first</option><option value="seed">seed</option><option value="steps">steps</option><option value="distance">final distance</option></select></label></div>
<div class="gallery" id="gallery">${html.join('\n')}</div></section>`;
}

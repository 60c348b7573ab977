import { outcome, readable, withUnit } from '../outcome.ts';
import { encodePng, pngUri } from '../png.ts';
import type { RunRecord } from '../run-record.ts';
import type { SpriteSheet } from '../sprite-sheet.ts';
import { captions, type Caption } from './captions.ts';
import { lastStep } from './data.ts';
import { escapeHtml } from './escape.ts';
import { tables } from './tables.ts';

const RING = '<circle cx="18" cy="18" r="15.5" />';
const MARKS = {
  good: '<path d="M10 18l6 6 12-13" />',
  bad: '<path d="M12 12l12 12M24 12L12 24" />',
  open: '<path d="M11 18h14" />',
};
type Mark = keyof typeof MARKS;

const markOf = (success: boolean | null): Mark => (success === null ? 'open' : success ? 'good' : 'bad');

const icon = (mark: Mark): string =>
  '<svg viewBox="0 0 36 36" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round" ' +
  `aria-hidden="true">${RING}${MARKS[mark]}</svg>`;

const fact = (name: string, value: string, note: string): string =>
  `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)} <small>${escapeHtml(note)}</small></dd></div>`;

function facts(run: RunRecord): string {
  const { finalDistance, planMs, holds, tails, steps, provider } = run.result;
  const times = planMs === null ? '–' : `${readable(planMs.p50)} ms`;
  const worst = planMs === null ? '' : `median, ${readable(planMs.max)} worst`;
  return (
    '<dl class="facts">' +
    fact(
      'Final distance',
      withUnit(finalDistance, run.distanceUnit),
      finalDistance === null ? 'not measured' : '',
    ) +
    fact('Time to plan', times, worst) +
    fact('Steps', String(steps), `${tails} tail, ${holds} hold`) +
    fact('Planner', run.plannerName, '') +
    fact('Model', run.modelName ?? 'none', provider === null ? '' : `on ${provider}`) +
    '</dl>'
  );
}

function header(run: RunRecord): string {
  const said = outcome(run);
  const mark = markOf(run.result.success);
  const where = `${run.task}, track ${run.track}, seed ${run.seed}`;
  return `<header>
<div class="bar"><strong>JEPilot</strong><span class="soft">${escapeHtml(where)}</span><button type="button" id="theme" aria-label="switch between light and dark">☾ Dark</button></div>
<div class="outcome ${mark}">${icon(mark)}<div><h1>${escapeHtml(said.arrival)}</h1><p>${escapeHtml(said.planning)}</p><p class="soft">The task: ${escapeHtml(run.about)}.</p></div></div>
${facts(run)}
</header>`;
}

const SPEEDS = [0.25, 0.5, 1, 2, 4]
  .map((speed) => `<option value="${speed}"${speed === 1 ? ' selected' : ''}>${speed}×</option>`)
  .join('');

function player(run: RunRecord, sheet: SpriteSheet): string {
  const size = `width="${sheet.frameWidth}" height="${sheet.frameHeight}"`;
  const goal = `width="${run.goal.width}" height="${run.goal.height}"`;
  return `<section class="card player" aria-label="The run as the camera saw it">
<div class="pictures">
<figure><figcaption>Camera</figcaption><canvas id="camera" ${size} role="img" aria-label="what the camera saw"></canvas></figure>
<figure><figcaption>Goal</figcaption><img src="${pngUri(encodePng(run.goal))}" ${goal} alt="the goal picture: what the camera shall show in the end"></figure>
</div>
<input type="range" class="scrub" id="scrub" min="0" max="${lastStep(run)}" step="1" value="0" aria-label="control step">
<div class="controls"><button type="button" id="play">▶ Play</button><button type="button" id="back" aria-label="one step back">‹</button><button type="button" id="next" aria-label="one step on">›</button>
<label>Speed <select id="speed">${SPEEDS}</select></label></div>
<dl class="now"><dt>Step</dt><dd id="now-step">–</dd><dt>True distance</dt><dd id="now-distance">–</dd><dt>Predicted</dt><dd id="now-togo">–</dd><dt>Driven by</dt><dd id="now-driver">–</dd></dl>
<p class="keys"><kbd>space</kbd> play or pause, <kbd>←</kbd> <kbd>→</kbd> one step, with <kbd>shift</kbd> ten. Point at a chart to go there.</p>
<img id="sheet" src="${pngUri(encodePng(sheet.image))}" alt="" hidden>
<noscript><p>The animation and the charts need JavaScript; the numbers below don't.</p></noscript>
</section>`;
}

const shadings = (run: RunRecord): string =>
  (run.result.holds > 0 ? '<span class="swatch hold"></span>hold' : '') +
  (run.result.tails > 0 ? '<span class="swatch tail"></span>tail' : '');

const chart = (run: RunRecord, { id, title, text }: Caption): string =>
  `<figure class="card chart"><figcaption><h3>${title}</h3><p>${escapeHtml(text)}${id === 'actions' ? shadings(run) : ''}</p></figcaption>` +
  `<div class="plot" id="plot-${id}" role="img" aria-label="${escapeHtml(`${title}. ${text}`)}"></div></figure>`;

const some = (values: readonly (number | null | undefined)[]): boolean => values.some(Number.isFinite);

/** Whether a chart has anything to draw. */
const HAS: Readonly<Record<Caption['id'], (run: RunRecord) => boolean>> = {
  progress: (run) => some(run.distances) || some(run.plans.map((plan) => plan.evidence.timeToGo)),
  actions: (run) => run.ticks.length > 0,
  cost: (run) => some(run.plans.map((plan) => plan.evidence.costs.at(-1))),
  latency: (run) => (run.result.planMs?.max ?? 0) > 0,
};

const charts = (run: RunRecord): string =>
  captions(run)
    .filter(({ id }) => HAS[id](run))
    .map((caption) => chart(run, caption))
    .join('\n');

/** The body of a report: outcome, animation, charts, tables. */
export const body = (run: RunRecord, sheet: SpriteSheet): string => `${header(run)}
<main>
<div class="columns">
${player(run, sheet)}
<div class="charts" id="charts">
${charts(run)}
</div>
</div>
${tables(run)}
</main>
<footer>JEPilot ${escapeHtml(run.version)}. Charts by uPlot (MIT, © Leon Sorokin). This page needs no network.</footer>`;

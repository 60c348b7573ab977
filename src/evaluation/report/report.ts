import { escapeHtml } from '../../record/report/escape.ts';
import { STYLE } from '../../record/report/style.ts';
import type { Results } from '../results.ts';
import { comparisonTable, summaryTable } from '../tables.ts';
import type { Timings } from '../timings-file.ts';
import { curves, type Curve } from './curves.ts';
import { forestPlot } from './forest.ts';
import { gallery, type FindPictures } from './gallery.ts';
import { latencyCharts } from './latency-chart.ts';
import { matrices } from './matrix.ts';
import { openLoopSection } from './open-loop.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { provenance } from './provenance.ts';
import { EVALUATION_STYLE } from './style.ts';

/** Nothing may come from anywhere but this file; the browser itself sees to it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

export interface ReportInput {
  readonly results: Results;
  readonly timings: Timings;
  readonly pictures: FindPictures;
  /** The command that plays this again. */
  readonly command: string;
}

const card = (title: string, text: string, body: string): string =>
  `<section class="card wide"><h2>${escapeHtml(title)}</h2>${text === '' ? '' : `<p class="soft">${escapeHtml(text)}</p>`}${body}</section>`;

/** A table whose columns named in `words` are text; a thicker line where the first of them changes. */
function paperTable(
  { columns, rows }: { columns: string[]; rows: string[][] },
  words: readonly string[],
): string {
  const isWords = columns.map((name) => words.includes(name));
  const cell = (tag: string, text: string, i: number, scope = '') =>
    `<${tag}${scope}${isWords[i] ? ' class="words"' : ''}>${escapeHtml(text)}</${tag}>`;
  const head = columns.map((name, i) => cell('th', name, i, ' scope="col"')).join('');
  const body = rows.map((row, r) => {
    const isNew = r > 0 && (row[0] !== rows[r - 1]?.[0] || row[1] !== rows[r - 1]?.[1]);
    return `<tr${isNew ? ' class="group"' : ''}>${row.map((text, i) => cell('td', text, i)).join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table class="paper"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

const figure = ({ title, text, svg }: Curve): string =>
  `<figure><figcaption><h3>${escapeHtml(title)}</h3><p>${escapeHtml(text)}</p></figcaption><div role="img" aria-label="${escapeHtml(`${title}. ${text}`)}">${svg}</div></figure>`;

const figures = (title: string, all: readonly Curve[]): string =>
  all.length === 0 ? '' : card(title, '', `<div class="plot-row">${all.map(figure).join('\n')}</div>`);

function forest({ cells }: Results): string {
  const main = cells.filter(({ isMain }) => isMain);
  if (main.length === 0) return '';
  const text = 'The number at the right is successes of episodes.';
  const label = main.map(
    ({ cell, label: name, summary }) => `${cell.task} ${name} ${summary.successes}/${summary.episodes}`,
  );
  return card(
    'Success',
    text,
    `<div role="img" aria-label="${escapeHtml(label.join('; '))}">${forestPlot(main)}</div>`,
  );
}

function comparisons(results: Results): string {
  if (results.comparisons.length === 0) return '';
  const text =
    'Each planner against the reference of its task and track, over the same starts and goals. Difference with the interval of Bonett and Price; ' +
    "p: McNemar's exact test, corrected by Holm for all rows; the anytime p holds however the number of episodes was chosen.";
  return card(
    'Differences',
    text,
    paperTable(comparisonTable(results), ['task', 'track', 'planner', 'against']),
  );
}

function families({ families: all }: Results): string {
  if (all.length === 0) return '';
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const columns = [
    'task',
    'track',
    'family',
    'planner',
    'models',
    'mean',
    'sd over training seeds',
    'sd over episodes',
  ];
  const rows = all.map((one) => [
    ...[one.task, one.track, one.family, one.label, one.models.join(', '), percent(one.mean)],
    one.overTraining === null ? '–' : percent(one.overTraining),
    percent(one.overEpisodes),
  ]);
  const text =
    'The spread of the success rate over models that differ in their training seed alone, beside what chance over episodes gives.';
  return card(
    'Training seeds',
    text,
    paperTable({ columns, rows }, ['task', 'track', 'family', 'planner', 'models']),
  );
}

/** An evaluation as one HTML page that opens from disk without a network, light and dark. */
export function renderEvaluation({ results, timings, pictures, command }: ReportInput): string {
  const { cells, suite, about, version } = results;
  const episodes = cells.reduce((sum, one) => sum + one.summary.episodes, 0);
  const scope = `${episodes} episodes of ${cells.length} combinations${results.complete ? '' : '; not complete: run the command again'}`;
  const words = ['task', 'track', 'planner', 'model', 'condition'];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(suite)}: evaluation (JEPilot)</title>
<style>${STYLE}${EVALUATION_STYLE}</style>
</head>
<body>
<header>
<div class="bar"><strong>JEPilot</strong><span class="soft">${escapeHtml(scope)}</span><button type="button" id="theme" aria-label="switch between light and dark">☾ Dark</button></div>
<div class="headline"><h1>${escapeHtml(suite)}</h1>${about === null ? '' : `<p>${escapeHtml(about)}</p>`}</div>
</header>
<main>
${cells.length === 0 ? '' : card('Results', 'Success with Wilson’s 95 % interval; seeds were seen neither in training nor in tuning. SPL: success weighted by the quickest known way over the steps taken.', paperTable(summaryTable(results, timings), words))}
${forest(results)}
${comparisons(results)}
${figures('Curves', curves(cells))}
${families(results)}
${openLoopSection(results.openLoop)}
${matrices(cells)}
${figures('Plan latency', latencyCharts(cells, timings))}
${gallery(cells, pictures)}
${provenance(results, timings, command)}
</main>
<footer>JEPilot ${escapeHtml(version)}. Charts by Apache ECharts (Apache-2.0). This page needs no network.</footer>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

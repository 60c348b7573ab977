import { readable } from '../outcome.ts';
import type { RunRecord } from '../run-record.ts';
import { cadenceRows } from './cadence-rows.ts';
import { escapeHtml } from './escape.ts';

/** One value as a table shows it. */
function shown(value: string | number | boolean | null): string {
  if (value === null) return '–';
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
}

/** Leaves of nested values with their dotted path: `planner.horizon`, `5`. Lists of plain values stay in one row. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (Array.isArray(value) && value.every((v) => typeof v !== 'object' || v === null)) {
    return [[path, value.map(String).join(', ')]];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) =>
      leaves(child, path === '' ? key : `${path}.${key}`),
    );
  }
  return [[path, shown((value ?? null) as string | number | boolean | null)]];
}

const row = ([key, value]: readonly [string, string]): string =>
  `<tr><th scope="row">${escapeHtml(key)}</th><td class="number">${escapeHtml(value)}</td></tr>`;

const table = (rows: readonly (readonly [string, string])[]): string =>
  `<table><tbody>${rows.map(row).join('')}</tbody></table>`;

const card = (title: string, body: string): string =>
  `<section class="card"><h2>${escapeHtml(title)}</h2>${body}</section>`;

function ranOn(run: RunRecord): string {
  const rows: [string, string][] = [
    ['model', run.modelName ?? 'none'],
    ['provider', run.provider?.used ?? 'none'],
    ...(run.provider?.rejected ?? []).map(({ name, reason }): [string, string] => [`not ${name}`, reason]),
    ['version', run.version],
    ['started', run.started],
    ['clock', run.mode === 'realtime' ? 'real time' : 'virtual: as fast as it goes'],
    ['control period', `${readable(run.controlPeriod * 1000)} ms`],
  ];
  return card('What it ran on', table(rows));
}

const cadence = (run: RunRecord): string =>
  card(
    'How well the clock was kept',
    run.cadence === null
      ? '<p class="soft">Not measured: this run kept its own, virtual time.</p>'
      : table(cadenceRows(run.cadence)),
  );

const COLUMNS = [
  'plan',
  'from step',
  'starts at',
  'steps to go',
  'cost',
  'spread',
  'surprise',
  'iterations',
  'evaluations',
  'ms',
];

function planRow({ id, step, startStep, evidence: e }: RunRecord['plans'][number]): string {
  const number = (v: number | null | undefined): string =>
    v === null || v === undefined ? '–' : readable(v);
  const cells = [
    id,
    step,
    startStep,
    number(e.timeToGo),
    `${number(e.costs[0])} → ${number(e.costs.at(-1))}`,
  ];
  const rest = [number(e.eliteSpread), number(e.surprise), `${e.iterations}${e.cut ? ' (cut)' : ''}`];
  const all = [...cells, ...rest, e.evaluations, number(e.totalMs)];
  return `<tr>${all.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** Plans beyond this many are in the recording only. */
const MOST_PLANS = 400;

function plans(run: RunRecord): string {
  if (run.plans.length === 0) return '';
  const head = COLUMNS.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = run.plans.slice(0, MOST_PLANS).map(planRow).join('');
  const more = run.plans.length > MOST_PLANS ? `, the first ${MOST_PLANS}` : '';
  return (
    `<details class="card wide"><summary>Every plan in numbers (${run.plans.length}${more})</summary>` +
    `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div></details>`
  );
}

const again = (run: RunRecord): string =>
  '<section class="card wide"><h2>Run it again</h2><div class="command">' +
  `<pre><code id="command">${escapeHtml(run.command)}</code></pre><button type="button" id="copy">Copy</button></div></section>`;

/** Everything below the charts: how to run it again, the set-up, the machine, the clock, and the plans one by one. */
export const tables = (run: RunRecord): string =>
  `<div class="tables">${again(run)}${card('Set-up', table(leaves(run.config)))}${ranOn(run)}${cadence(run)}${plans(run)}</div>`;

import type { OpenLoopResult } from './open-loop/result.ts';
import type { CellResult, Results } from './results.ts';
import type { Timings } from './timings-file.ts';

const percent = (share: number): string => (100 * share).toFixed(1);
const short = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined || !Number.isFinite(value)
    ? '–'
    : String(Number(value.toPrecision(digits)));

/** What tells a cell from its neighbours of the same task and track: latency, factors. */
export const conditionOf = ({ cell }: Pick<CellResult, 'cell'>): string =>
  [
    ...(cell.latency > 0 ? [`latency ${cell.latency}`] : []),
    ...Object.entries(cell.variation).map(([name, value]) => `${name}=${value}`),
  ].join(', ');

/** Names of cells: the planner's, and the model's too where a task is played by more than one. */
export function namesOf(cells: readonly CellResult[]): (one: CellResult) => string {
  const models = (task: string) =>
    new Set(cells.flatMap(({ cell }) => (cell.task === task && cell.model ? [cell.model.name] : [])));
  return ({ label, cell }) =>
    cell.model && models(cell.task).size > 1 ? `${label}, ${cell.model.name}` : label;
}

/** A table that a paper could print: a row per cell, its columns named. */
export function summaryTable(results: Results, timings: Timings): { columns: string[]; rows: string[][] } {
  const columns = [
    'task',
    'track',
    'planner',
    'model',
    'condition',
    'n',
    'success %',
    '95 % interval',
    'steps p50',
    'SPL',
    'final distance p50',
    'evaluations per action',
    'plan ms p50',
    'p95',
    'p99',
    'max',
    'deadline misses',
  ];
  const rows = results.cells.map((one) => {
    const { cell, label, summary, id } = one;
    const times = timings.cells[id];
    const { planMs } = times ?? { planMs: null };
    return [
      cell.task,
      cell.track.name,
      label,
      cell.model?.name ?? '–',
      conditionOf(one) || '–',
      String(summary.episodes),
      percent(summary.rate),
      `${percent(summary.low)} to ${percent(summary.high)}`,
      short(summary.stepsToSuccess.p50),
      short(summary.spl.value),
      `${short(summary.finalDistance.p50)} ${one.distanceUnit}`,
      short(summary.evaluationsPerAction),
      short(planMs?.p50),
      short(planMs?.p95),
      short(planMs?.p99),
      short(planMs?.max),
      times ? `${times.deadlineMisses} of ${times.plans}` : '–',
    ];
  });
  return { columns, rows };
}

/** GitHub's Markdown, with the table's own separator escaped. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const csv = (rows: readonly (readonly (string | number | boolean | null)[])[]): string =>
  rows.map((row) => row.map((cell) => quoted(String(cell ?? ''))).join(',')).join('\n') + '\n';

/** A row per cell with plain numbers (RFC 4180). */
export function cellsCsv(results: Results, timings: Timings): string {
  const head = [
    ...['cell', 'task', 'track', 'planner', 'model', 'condition'],
    ...['episodes', 'successes', 'rate', 'low', 'high', 'steps_p50', 'steps_p95', 'spl'],
    ...['final_distance_p50', 'evaluations_per_action', 'lost'],
    ...['plan_ms_p50', 'plan_ms_p95', 'plan_ms_p99', 'plan_ms_max', 'plans', 'deadline_misses'],
  ];
  const rows = results.cells.map((one) => {
    const { id, cell, label, summary: s } = one;
    const times = timings.cells[id];
    const ms = times?.planMs ?? null;
    return [
      ...[id, cell.task, cell.track.name, label, cell.model?.name ?? null, conditionOf(one)],
      ...[s.episodes, s.successes, s.rate, s.low, s.high],
      ...[s.stepsToSuccess.p50, s.stepsToSuccess.p95, s.spl.value, s.finalDistance.p50],
      ...[s.evaluationsPerAction, s.lost, ms?.p50 ?? null, ms?.p95 ?? null, ms?.p99 ?? null, ms?.max ?? null],
      ...[times?.plans ?? null, times?.deadlineMisses ?? null],
    ];
  });
  return csv([head, ...rows]);
}

/** A row per episode. */
export function episodesCsv(results: Results): string {
  const head = [
    'cell',
    'task',
    'track',
    'planner',
    'seed',
    'situation',
    'success',
    'steps',
    'final_distance',
  ];
  const rows = results.cells.flatMap(({ id, cell, label, episodes }) =>
    episodes.map(({ seed, situation, success, steps, finalDistance }) => [
      ...[id, cell.task, cell.track.name, label, seed, situation, success, steps, finalDistance],
    ]),
  );
  return csv([head, ...rows]);
}

const p = (value: number): string => (value < 0.001 ? value.toExponential(1) : value.toFixed(3));

/** The comparisons in words and numbers; `name` tells a cell. */
export function comparisonTable(results: Results): { columns: string[]; rows: string[][] } {
  const find = (id: string): CellResult => results.cells.find((cell) => cell.id === id)!;
  const columns = [
    'task',
    'track',
    'planner',
    'against',
    'pairs',
    'won',
    'lost',
    'difference %',
    '95 % interval',
  ];
  const nameOf = namesOf(results.cells);
  const rows = results.comparisons.map(({ first, second, pairs, counts, difference, low, high, ...rest }) => {
    const [a, b] = [find(first), find(second)];
    const name = (one: CellResult) =>
      [nameOf(one), conditionOf(one)].filter((text) => text !== '').join(', ');
    return [
      ...[b.cell.task, b.cell.track.name, name(b), name(a), String(pairs)],
      ...[String(counts.second), String(counts.first), percent(-difference)],
      ...[`${percent(-high)} to ${percent(-low)}`, p(rest.p), p(rest.adjusted), p(rest.anytime)],
    ];
  });
  return { columns: [...columns, 'p (McNemar)', 'p (Holm)', 'p (anytime)'], rows };
}

function openLoopTable(all: readonly OpenLoopResult[]): string {
  const columns = [
    'model',
    'data',
    'clips',
    'error at the end',
    'no change',
    'other actions',
    'rank',
    'variation',
  ];
  const rows = all.map((one) => [
    ...[one.model, one.data, String(one.clips), short(one.rolloutError.at(-1))],
    ...[short(one.persistenceError.at(-1)), short(one.shuffledError.at(-1))],
    ...[short(one.trueActionRank), short(one.costVariation)],
  ]);
  return markdownTable(columns, rows);
}

/** The whole of a suite's results as Markdown. */
export function markdownOf(results: Results, timings: Timings): string {
  const cells = summaryTable(results, timings);
  const pairs = comparisonTable(results);
  return (
    [
      `# ${results.suite}`,
      ...(results.about === null ? [] : [results.about]),
      ...(cells.rows.length > 0 ? [markdownTable(cells.columns, cells.rows)] : []),
      ...(pairs.rows.length > 0 ? [markdownTable(pairs.columns, pairs.rows)] : []),
      ...(results.openLoop.length > 0 ? [openLoopTable(results.openLoop)] : []),
      `JEPilot ${results.version}; ${timings.machine}, Node ${timings.node}; ${timings.started.slice(0, 10)}.`,
    ].join('\n\n') + '\n'
  );
}

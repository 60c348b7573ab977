import { quantilesOf } from '../../control/cadence.ts';
import { readable } from '../../record/outcome.ts';
import type { Recording } from '../../record/recording.ts';
import type { Comparison } from '../../replay/compare.ts';
import { chart, page } from '../../replay/figure.ts';
import type { OpenLoopResult } from '../../replay/open-loop.ts';
import type { ReplanResult } from '../../replay/replan.ts';

const orDash = (value: number | null): string => (value === null ? '–' : readable(value));
const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);

/** Columns as wide as their widest cell. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What a replay in open loop found, in a sentence. */
export function openLoopText({ run }: Recording, result: OpenLoopResult): string {
  const { steps, identical, divergesAt, maxStateError, success } = result;
  const done = steps.at(-1)?.step ?? 0;
  const end = `${success ? 'the goal is reached' : 'the goal is not reached'}, ${orDash(steps.at(-1)?.distance ?? null)} ${run.distanceUnit} away at the end`;
  if (identical) return `${done} steps, every state and pixel as recorded; ${end}`;
  return `${done} steps; differs from step ${divergesAt} on, by up to ${readable(maxStateError)} in a state value; ${end}`;
}

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
};

/** A row for what was recorded, and one for each planner. */
export function replanRows(recording: Recording, results: readonly ReplanResult[]): string[][] {
  const head = [
    'planner',
    'plans',
    'as recorded',
    'first row off the plan',
    'off what was sent',
    'last cost',
    'plan ms p50',
    'p95',
  ];
  const of = (values: readonly number[]) => quantilesOf(values) ?? { p50: NaN, p95: NaN };
  const recordedMs = of(recording.plans.map(({ totalMs }) => totalMs));
  const recorded = [
    `${recording.run.planner} (recorded)`,
    String(recording.plans.length),
    '–',
    '–',
    '–',
    orDash(mean(recording.plans.map(({ costs }) => costs.at(-1) ?? null))),
    readable(recordedMs.p50),
    readable(recordedMs.p95),
  ];
  const rows = results.map(({ planner, plans }) => {
    const ms = of(plans.map(({ planMs }) => planMs));
    return [
      planner,
      String(plans.length),
      `${plans.filter(({ identical }) => identical).length} bit for bit`,
      percent(mean(plans.map(({ fromPlan }) => fromPlan))),
      percent(mean(plans.map(({ fromSent }) => fromSent))),
      orDash(mean(plans.map(({ cost }) => cost))),
      readable(ms.p50),
      readable(ms.p95),
    ];
  });
  return [head, recorded, ...rows];
}

/** A row a figure, a column a recording. */
export function comparisonRows({ runs, distanceUnit }: Comparison): string[][] {
  const row = (name: string, of: (run: Comparison['runs'][number]) => string): string[] => [
    name,
    ...runs.map(of),
  ];
  return [
    row('', ({ file }) => file),
    row('planner', ({ planner }) => planner),
    row('model', ({ model }) => model ?? 'none'),
    row('seed', ({ seed }) => String(seed ?? '–')),
    row('goal reached', ({ success }) => (success === null ? 'nobody can tell' : success ? 'yes' : 'no')),
    row('steps to it', ({ stepsToSuccess }) => String(stepsToSuccess ?? '–')),
    row('steps', ({ steps }) => String(steps)),
    row(`distance at the end (${distanceUnit})`, ({ finalDistance }) => orDash(finalDistance)),
    row('plans', ({ plans }) => String(plans)),
    row('plan ms p50', ({ planMs }) => orDash(planMs?.p50 ?? null)),
    row('plan ms p95', ({ planMs }) => orDash(planMs?.p95 ?? null)),
    row('holds', ({ holds }) => String(holds)),
    row('tails', ({ tails }) => String(tails)),
    row('clamped', ({ clamped }) => String(clamped)),
    row('largest change of a command', ({ largestChange }) => percent(largestChange)),
    row('rms change of a command', ({ rmsChange }) => percent(rmsChange)),
  ];
}

/** Where the two part, in a sentence. */
export function partingText({ sameStart, commandsDifferAt, statesDifferAt }: Comparison): string {
  const start = sameStart ? 'same start' : 'different starts';
  if (commandsDifferAt === null && statesDifferAt === null) return `${start}; the same commands and states`;
  return `${start}; commands differ from step ${commandsDifferAt ?? '–'} on, states from step ${statesDifferAt ?? '–'} on`;
}

/** Both runs as a page: the table, distance, predicted time to go, and each command. */
export function comparisonPage(comparison: Comparison, recordings: readonly Recording[]): string {
  const { task, distanceUnit } = comparison;
  const curves = (of: (recording: Recording) => [number, number][]) =>
    recordings.map((recording) => ({
      name: `${recording.path} (${recording.run.planner})`,
      points: of(recording),
    }));
  const names = recordings[0]?.run.action.names ?? [];
  return page(`${task}: two runs side by side`, comparisonRows(comparison), [
    chart(
      'Distance to the goal',
      distanceUnit,
      curves(({ progress }) => progress.map((p) => [p.step, p.distance])),
    ),
    chart(
      'Predicted time to go',
      'steps',
      curves(({ plans }) => plans.map((p) => [p.step, p.timeToGo ?? NaN])),
    ),
    ...names.map((name, i) =>
      chart(
        `Command ${name}`,
        '',
        curves(({ sent }) => sent.map(({ step, values }) => [step, values[i] ?? NaN])),
      ),
    ),
  ]);
}

import type { RunRecord } from './run-record.ts';

/** Three significant digits, never in exponents for everyday sizes: `0.031`, `4.20`, `128`. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 1 || size === 0) return value.toPrecision(3).replace(/\.?0+$/, '');
  return size < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** A distance with its unit; a dash where none was measured. */
export const withUnit = (distance: number | null, unit: string): string =>
  distance === null ? '–' : `${readable(distance)} ${unit}`;

/** A duration in seconds with one decimal: `3.1 s`. */
export const seconds = (steps: number, controlPeriod: number): string =>
  `${(steps * controlPeriod).toFixed(1)} s`;

function arrival(run: RunRecord): string {
  const { stepsToSuccess, steps, finalDistance, success } = run.result;
  const lasting = (n: number): string => `${count(n, 'step')} (${seconds(n, run.controlPeriod)})`;
  if (stepsToSuccess !== null) return `Reached the goal after ${lasting(stepsToSuccess)}.`;
  const left = finalDistance === null ? '' : `, ${withUnit(finalDistance, run.distanceUnit)} away at the end`;
  if (run.stopped !== undefined) {
    return `Stopped after ${lasting(steps)}${left}: ${run.stopped.replace(/\.$/, '')}.`;
  }
  if (success === null)
    return `Ran ${lasting(steps)} towards a picture; the task can't tell whether it got there.`;
  return `Did not reach the goal in ${lasting(steps)}${left}.`;
}

function planning(run: RunRecord): string {
  const { planMs, plans, success } = run.result;
  if (planMs === null) return 'Planned nothing.';
  const left = run.plans.at(-1)?.evidence.timeToGo ?? null;
  const guess = success === null && left !== null ? ` The last plan saw ${readable(left)} steps to go.` : '';
  const times = plans === 1 ? 'once' : `${plans} times`;
  if (planMs.max === 0) return `Planned ${times}, in no time.`;
  return `Planned ${times}, ${readable(planMs.p95)} ms each (p95).${guess}`;
}

/** The run in plain sentences: whether it got there, and what planning cost. */
export const outcome = (run: RunRecord): { arrival: string; planning: string } => ({
  arrival: arrival(run),
  planning: planning(run),
});

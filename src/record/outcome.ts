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

/** A distance with its unit, where the task names one. */
export const withUnit = (distance: number, unit: string | null): string =>
  `${readable(distance)}${unit === null ? '' : ` ${unit}`}`;

/** A duration in seconds with one decimal: `3.1 s`. */
export const seconds = (steps: number, controlPeriod: number): string =>
  `${(steps * controlPeriod).toFixed(1)} s`;

function arrival(run: RunRecord): string {
  const { stepsToSuccess, steps, finalDistance } = run.result;
  if (stepsToSuccess !== null) {
    return `Reached the goal after ${count(stepsToSuccess, 'step')} (${seconds(stepsToSuccess, run.controlPeriod)}).`;
  }
  const left = Number.isFinite(finalDistance) ? `, ${withUnit(finalDistance, run.distanceUnit)} away at the end` : '';
  const spent = `${count(steps, 'step')} (${seconds(steps, run.controlPeriod)})`;
  return run.stopped === undefined
    ? `Did not reach the goal in ${spent}${left}.`
    : `Stopped after ${spent}${left}: ${run.stopped.replace(/\.$/, '')}.`;
}

function planning(run: RunRecord): string {
  const { planMs, plans } = run.result;
  if (planMs === null) return 'Planned nothing.';
  return `Planned ${plans === 1 ? 'once' : `${plans} times`}, ${readable(planMs.p95)} ms each (p95).`;
}

/** The run in two plain sentences: whether it got there, and what planning cost. */
export const outcome = (run: RunRecord): { arrival: string; planning: string } => ({
  arrival: arrival(run),
  planning: planning(run),
});

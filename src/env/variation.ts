import { JepilotError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import type { Factor, Task, Variation } from './task.ts';

/** The task's defaults with some factors changed; throws on an unknown factor or a value out of its range. */
export function variationOf(task: Task, changed: Readonly<Record<string, number>>): Variation {
  const variation: Record<string, number> = {};
  for (const [name, factor] of Object.entries(task.factors)) variation[name] = factor.default;
  for (const [name, value] of Object.entries(changed)) {
    checkFactor(task.name, name, factorOf(task, name), value);
    variation[name] = value;
  }
  return variation;
}

/** Draws the named factors uniformly over their ranges (or among their values). */
export function drawFactors(task: Task, names: readonly string[], rng: Rng): Record<string, number> {
  const drawn: Record<string, number> = {};
  for (const name of names) {
    const { values, minimum, maximum } = factorOf(task, name);
    drawn[name] = values ? values[rng.integer(values.length)]! : rng.uniform(minimum, maximum);
  }
  return drawn;
}

/** Bounds of what a recording with these varied factors covers, for the data set's provenance. */
export function coverageOf(task: Task, varied: readonly string[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(task.factors).map(([name, f]) => [
      name,
      varied.includes(name) ? (f.values ?? [f.minimum, f.maximum]) : [f.default, f.default],
    ]),
  );
}

export function factorOf(task: Task, name: string): Factor {
  const factor = task.factors[name];
  if (factor) return factor;
  const known = Object.keys(task.factors).join(', ');
  throw new JepilotError('unknown-name', `task '${task.name}' has no factor '${name}'; known: ${known}`);
}

function checkFactor(task: string, name: string, factor: Factor, value: number): void {
  const { minimum, maximum, values } = factor;
  const allowed = values ? values.includes(value) : value >= minimum && value <= maximum;
  if (allowed) return;
  const range = values ? `one of ${values.join(', ')}` : `${minimum} to ${maximum}`;
  throw new JepilotError('out-of-range', `factor '${name}' is ${value}; task '${task}' takes ${range}`);
}

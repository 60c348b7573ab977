import { JepilotError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import type { Factor, Task, Variation } from './task.ts';

type Range = readonly [number, number];

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

/** Draws the named factors uniformly over their training ranges (or among their values): for data sets. */
export function drawFactors(task: Task, names: readonly string[], rng: Rng): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => {
      const factor = factorOf(task, name);
      const drawn = factor.values
        ? factor.values[rng.integer(factor.values.length)]!
        : drawFrom(factor, trainingRanges(factor), rng);
      return [name, drawn];
    }),
  );
}

/** Draws the named factors from what their training ranges leave out: for tracks that ask for the unseen. */
export function drawUnseen(task: Task, names: readonly string[], rng: Rng): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => {
      const factor = factorOf(task, name);
      const ranges = unseenRanges(factor);
      if (ranges.length > 0) return [name, drawFrom(factor, ranges, rng)];
      throw new JepilotError(
        'bad-state',
        `factor '${name}' of task '${task.name}' keeps no part of its range from training; give it \`training\` ranges`,
      );
    }),
  );
}

const trainingRanges = ({ training, minimum, maximum }: Factor): readonly Range[] =>
  training ?? [[minimum, maximum]];

/** The gaps between the training ranges within the factor's own. */
function unseenRanges(factor: Factor): Range[] {
  const unit = factor.whole ? 1 : 0;
  const gaps: Range[] = [];
  let from = factor.minimum;
  for (const [low, high] of [...trainingRanges(factor)].sort((a, b) => a[0] - b[0])) {
    if (low - unit >= from && low > from) gaps.push([from, low - unit]);
    from = high + unit;
  }
  if (from < factor.maximum || (factor.whole && from === factor.maximum)) gaps.push([from, factor.maximum]);
  return gaps;
}

/** Uniform over the union of ranges. */
function drawFrom({ whole }: Factor, ranges: readonly Range[], rng: Rng): number {
  const unit = whole ? 1 : 0;
  const lengths = ranges.map(([low, high]) => high - low + unit);
  let at = rng.uniform(
    0,
    lengths.reduce((a, b) => a + b, 0),
  );
  for (const [i, [low, high]] of ranges.entries()) {
    if (at < lengths[i]! || i === ranges.length - 1)
      return Math.min(high, whole ? low + Math.floor(at) : low + at);
    at -= lengths[i]!;
  }
  throw new RangeError('a factor needs at least one range to draw from');
}

/**
 * What a recording with these varied factors covers, for the data set's provenance: for each factor the bounds of its
 * ranges one after another, [low, high, low, high, …].
 */
export function coverageOf(task: Task, varied: readonly string[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(task.factors).map(([name, f]) => {
      if (!varied.includes(name)) return [name, [f.default, f.default]];
      return [name, f.values ? f.values.flatMap((v) => [v, v]) : trainingRanges(f).flat()];
    }),
  );
}

/** Whether a value lies in one of the ranges [low, high, low, high, …]. */
export const isCovered = (ranges: readonly number[], value: number): boolean =>
  ranges.some((low, i) => i % 2 === 0 && value >= low && value <= (ranges[i + 1] ?? low));

export function factorOf(task: Task, name: string): Factor {
  const factor = task.factors[name];
  if (factor) return factor;
  const known = Object.keys(task.factors).join(', ');
  throw new JepilotError('unknown-name', `task '${task.name}' has no factor '${name}'; known: ${known}`);
}

function checkFactor(task: string, name: string, factor: Factor, value: number): void {
  const { minimum, maximum, values, whole } = factor;
  const within = values ? values.includes(value) : value >= minimum && value <= maximum;
  if (within && (!whole || Number.isInteger(value))) return;
  const range = values
    ? `one of ${values.join(', ')}`
    : `${minimum} to ${maximum}${whole ? ', whole numbers only' : ''}`;
  throw new JepilotError('out-of-range', `factor '${name}' is ${value}; task '${task}' takes ${range}`);
}

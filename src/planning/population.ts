import { JepilotError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import type { PlanningSpec } from './planner.ts';

/** Raw rows of a plan, R = H·f. */
export const rowsOf = (spec: PlanningSpec): number => spec.horizon * spec.actionRepeat;

/** Values of a plan, W = R·a: one candidate is a flat [W]. */
export const widthOf = (spec: PlanningSpec): number => rowsOf(spec) * spec.actionDim;

/** How many leading values of a plan are decided already. */
export const frozenOf = (spec: PlanningSpec): number => spec.committed.data.length;

/** Candidates of population `iteration`: each is `shrink` of the one before it, down to twice the elites. */
export function samplesAt(spec: PlanningSpec, iteration: number, own = 1): number {
  const shrunk = Math.round(spec.samples * (spec.shrink ?? own) ** iteration);
  return Math.min(spec.samples, Math.max(shrunk, 2 * spec.elites));
}

/** Half of each action's range, [a]: the unit of standard deviations in planners. */
export const halfRange = (spec: PlanningSpec): Float32Array =>
  Float32Array.from(spec.minimum, (low, i) => (spec.maximum[i]! - low) / 2);

/** A flat population [N·W] as the candidates [N, H, A] that a world model evaluates. */
export const candidatesOf = (spec: PlanningSpec, data: Float32Array): Tensor => ({
  shape: [data.length / widthOf(spec), spec.horizon, spec.actionRepeat * spec.actionDim],
  data,
});

/** One flat plan [W] as raw rows [R, a]. */
export const planOf = (spec: PlanningSpec, data: Float32Array): Tensor => ({
  shape: [rowsOf(spec), spec.actionDim],
  data,
});

/** A copy of candidate `index` of a population [N, H, A], flat [W]. */
export function candidate(candidates: Tensor, index: number): Float32Array {
  const width = candidates.data.length / candidates.shape[0]!;
  return candidates.data.slice(index * width, (index + 1) * width);
}

/** Clamps a flat population to the bounds and writes the committed rows over each beginning, in place. */
export function confine(spec: PlanningSpec, data: Float32Array): Float32Array {
  const { actionDim, minimum, maximum, committed } = spec;
  for (let j = 0; j < actionDim; j++) {
    const low = minimum[j]!;
    const high = maximum[j]!;
    for (let i = j; i < data.length; i += actionDim) {
      const value = data[i]!;
      if (value < low) data[i] = low;
      else if (value > high) data[i] = high;
    }
  }
  const width = widthOf(spec);
  if (committed.data.length > 0) for (let at = 0; at < data.length; at += width) data.set(committed.data, at);
  return data;
}

/** Indexes of the `count` lowest finite costs, best first; at least one, or the model is broken. */
export function elitesOf(costs: Float32Array, count: number): number[] {
  const finite = Array.from(costs.keys()).filter((i) => Number.isFinite(costs[i]));
  if (finite.length === 0) {
    throw new JepilotError('bad-model', `none of ${costs.length} candidate plans has a finite cost`);
  }
  return finite.sort((i, j) => costs[i]! - costs[j]! || i - j).slice(0, Math.max(1, count));
}

/** Mean and standard deviation, both [W], over the candidates at `indexes`. */
export function moments(
  candidates: Tensor,
  indexes: readonly number[],
): { mean: Float32Array; std: Float32Array } {
  const width = candidates.data.length / candidates.shape[0]!;
  const mean = new Float32Array(width);
  const std = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (const n of indexes) sum += candidates.data[n * width + i]!;
    const centre = sum / indexes.length;
    let squares = 0;
    for (const n of indexes) squares += (candidates.data[n * width + i]! - centre) ** 2;
    mean[i] = centre;
    std[i] = Math.sqrt(squares / indexes.length);
  }
  return { mean, std };
}

/** Mean and standard deviation, both [W], over all candidates, each with its weight [N]. */
export function weightedMoments(
  candidates: Tensor,
  weights: Float64Array,
): { mean: Float32Array; std: Float32Array } {
  const width = candidates.data.length / weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  weights.forEach((weight, n) => {
    for (let i = 0; i < width; i++) mean[i]! += (weight / total) * candidates.data[n * width + i]!;
  });
  weights.forEach((weight, n) => {
    for (let i = 0; i < width; i++) {
      squares[i]! += (weight / total) * (candidates.data[n * width + i]! - mean[i]!) ** 2;
    }
  });
  return { mean: Float32Array.from(mean), std: Float32Array.from(squares, Math.sqrt) };
}

/** `before` and `after` mixed: `momentum` of the one, the rest of the other. */
export const mix = (before: Float32Array, after: Float32Array, momentum: number): Float32Array =>
  after.map((value, i) => momentum * before[i]! + (1 - momentum) * value);

/** Mean of a standard deviation [W] over the rows that are still free, in units of half the range. */
export function relativeSpread(spec: PlanningSpec, std: Float32Array): number {
  const unit = halfRange(spec);
  const first = frozenOf(spec);
  let sum = 0;
  for (let i = first; i < std.length; i++) sum += std[i]! / (unit[i % spec.actionDim]! || 1);
  return std.length > first ? sum / (std.length - first) : 0;
}

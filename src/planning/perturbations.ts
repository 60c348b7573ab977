import type { Rng } from '../rng.ts';
import type { Tensor } from '../tensor.ts';
import { colouredNoise, type ColouredNoise } from './coloured-noise.ts';
import type { PlannerStart, PlanningSpec } from './planner.ts';
import { candidatesOf, confine, frozenOf, halfRange, rowsOf, widthOf } from './population.ts';

/** Smooth plans around a mean. */
export interface Around {
  readonly spec: PlanningSpec;
  readonly noise: ColouredNoise;
  /** [W], W = H·f·a. */
  readonly mean: Float32Array;
  /** [W] */
  readonly std: Float32Array;
  /** Plans [k·W] that the next population holds besides the mean. */
  readonly guests: Float32Array;
}

/** A standard deviation [W] of `halfRanges` for every value. */
export function wide(spec: PlanningSpec, halfRanges: number): Float32Array {
  const unit = halfRange(spec);
  return Float32Array.from({ length: widthOf(spec) }, (_, i) => halfRanges * unit[i % spec.actionDim]!);
}

/** Where a search begins: around its start, `initialStd` half ranges wide, in noise of exponent `beta` over free rows. */
export const startAround = (
  spec: PlanningSpec,
  { mean, proposals }: PlannerStart<unknown>,
  { initialStd, beta }: { readonly initialStd: number; readonly beta: number },
): Around => ({
  spec,
  noise: colouredNoise(rowsOf(spec) - frozenOf(spec) / spec.actionDim, beta),
  mean: confine(spec, mean.data.slice()),
  std: wide(spec, initialStd),
  guests: proposals?.data ?? new Float32Array(0),
});

/**
 * A population of `count`: the mean, the guests (at most half of the others), and perturbations of the mean, the widths
 * of which fall from `std` to its part `narrowest`.
 */
export function perturbations(
  { spec, noise, mean, std, guests }: Around,
  count: number,
  rng: Rng,
  narrowest = 1,
): Tensor {
  const { actionDim } = spec;
  const [width, frozen] = [widthOf(spec), frozenOf(spec)];
  const data = new Float32Array(count * width);
  data.set(mean);
  const kept = guests.subarray(0, Math.floor((count - 1) / 2) * width);
  data.set(kept, width);
  for (let at = width + kept.length; at < data.length; at += width) {
    for (let j = 0; j < actionDim; j++) noise.fill(rng, data, at + frozen + j, actionDim);
    const part = narrowest ** (at / (data.length - width));
    for (let i = frozen; i < width; i++) data[at + i] = mean[i]! + part * std[i]! * data[at + i]!;
  }
  return candidatesOf(spec, confine(spec, data));
}

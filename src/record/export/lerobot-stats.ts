import { quantile } from 'simple-statistics';
import type { Image } from '../../env/observation.ts';

/** A list of numbers, or lists of lists of them: LeRobot gives picture statistics the shape [3, 1, 1]. */
export type Nested = readonly (number | Nested)[];

/** LeRobot's statistics of one feature. */
export type FeatureStats = Readonly<Record<string, Nested>>;

const QUANTILES = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 };

function statsOf(columns: readonly (readonly number[])[], shape: (values: number[]) => Nested): FeatureStats {
  const mean = columns.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
  const std = columns.map((values, i) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean[i]!) ** 2, 0) / values.length),
  );
  const edge = (better: (a: number, b: number) => boolean): number[] =>
    columns.map((values) => values.reduce((a, b) => (better(b, a) ? b : a)));
  const quantiles = Object.entries(QUANTILES).map(([name, q]) => [
    name,
    shape(columns.map((values) => quantile([...values], q))),
  ]);
  return {
    min: shape(edge((a, b) => a < b)),
    max: shape(edge((a, b) => a > b)),
    mean: shape(mean),
    std: shape(std),
    count: [columns[0]?.length ?? 0],
    ...(Object.fromEntries(quantiles) as Record<string, Nested>),
  };
}

/** Of rows of numbers, a statistic for each of their values. */
export const vectorStats = (rows: readonly ArrayLike<number>[]): FeatureStats =>
  statsOf(
    Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => rows.map((row) => row[i] ?? NaN)),
    (values) => values,
  );

/** Pixels of an episode that its picture statistics are estimated from. */
const SAMPLES = 20_000;

/** Of pictures: for each colour in the range 0 to 1, from evenly spread pixels; `count` counts pictures. */
export function imageStats(images: readonly Image[]): FeatureStats {
  const pixels = images.map(({ width, height }) => width * height).reduce((a, b) => a + b, 0);
  const stride = Math.max(1, Math.floor(pixels / SAMPLES));
  const columns: number[][] = [[], [], []];
  let at = 0;
  for (const { data } of images) {
    for (; 3 * at < data.length; at += stride)
      for (const c of [0, 1, 2]) columns[c]!.push(data[3 * at + c]! / 255);
    at -= data.length / 3;
  }
  return { ...statsOf(columns, (values) => values.map((value) => [[value]])), count: [images.length] };
}

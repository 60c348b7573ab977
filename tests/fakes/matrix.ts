import { rngOf } from '#src/rng.js';

/** A row-major matrix [rows, columns]. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly number[];
}

/** Standard normal entries times `scale`, seeded by `label`. */
export function randomMatrix(label: string, rows: number, columns: number, scale = 1): Matrix {
  const rng = rngOf('matrix', label);
  return {
    rows,
    columns,
    data: Array.from({ length: rows * columns }, () => Math.fround(scale * rng.normal())),
  };
}

/** The identity plus `matrix`. */
export const plusIdentity = ({ rows, columns, data }: Matrix): Matrix => ({
  rows,
  columns,
  data: data.map((x, i) => Math.fround(x + (i % (columns + 1) === 0 ? 1 : 0))),
});

export const transpose = ({ rows, columns, data }: Matrix): Matrix => ({
  rows: columns,
  columns: rows,
  data: data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!),
});

/** v·M, in double precision. */
export const times = (v: ArrayLike<number>, { rows, columns, data }: Matrix): number[] =>
  Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += v[i]! * data[i * columns + j]!;
    return sum;
  });

export const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

export const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]!);

import type { Rng } from '#src/rng.js';
import type { ActionSpec } from '#src/spec.js';

/**
 * Model actions [f·a] that go far: a raw action at the bounds, held for `repeat` control steps. All axes and diagonals
 * where they are at most `most`; else each axis both ways and random corners.
 */
export function movesOf(
  { dim, minimum, maximum }: ActionSpec,
  repeat: number,
  most: number,
  rng: Rng,
): Float32Array[] {
  const scaled = (signs: readonly number[]): Float32Array =>
    Float32Array.from({ length: repeat * dim }, (_, i) => {
      const [low, high, sign] = [minimum[i % dim]!, maximum[i % dim]!, signs[i % dim]!];
      return (low + high) / 2 + (sign * (high - low)) / 2;
    });
  return (3 ** dim - 1 <= most ? everySign(dim) : someSigns(dim, most, rng)).map(scaled);
}

/** Every vector of -1, 0 and 1 but the zero one. */
function everySign(dim: number): number[][] {
  return Array.from({ length: 3 ** dim }, (_, n) =>
    Array.from({ length: dim }, (_, axis) => (Math.floor(n / 3 ** axis) % 3) - 1),
  ).filter((signs) => signs.some((sign) => sign !== 0));
}

function someSigns(dim: number, most: number, rng: Rng): number[][] {
  const axes = Array.from({ length: 2 * dim }, (_, n) =>
    Array.from({ length: dim }, (_, axis) => (axis === n >> 1 ? 1 - 2 * (n & 1) : 0)),
  );
  const corners = Array.from({ length: Math.max(0, most - axes.length) }, () =>
    Array.from({ length: dim }, () => (rng.uniform() < 0.5 ? -1 : 1)),
  );
  return [...axes, ...corners];
}

import type { Rng } from '#src/rng.js';
import { gap, LOWER, pose, UPPER, type Vector } from './kinematics.ts';

type Range = readonly [number, number];

/** The box in front of the base that the tip works in: [low, high] of x, y and z, m. */
export const REGION: readonly [Range, Range, Range] = [
  [0.3, 0.8],
  [-0.3, 0.3],
  [0.08, 0.58],
];

/** Joint ranges [7] of the work, rad: elbow up, around the posture that Franka calls ready. */
export const WORK: readonly Range[] = [
  [-0.9, 0.9],
  [-1, 1],
  [-0.45, 0.45],
  [-2.75, -0.8],
  [-0.55, 0.55],
  [0.6, 3.1],
  [0, Math.PI / 2],
];

/** Lean of the hand from straight down, rad, in the plane of the arm: outwards, not back under the wrist, which would hide it. */
const LEAN = [-0.25, 0.75] as const;
const CANDIDATES = 60;

/** The vector, m, that leads a tip back into the region shrunk by `margin`; zero inside. */
export function wayBack(tip: Vector, margin = 0): Vector {
  const along = (axis: 0 | 1 | 2): number => {
    const [low, high] = REGION[axis];
    return Math.max(0, low + margin - tip[axis]) + Math.min(0, high - margin - tip[axis]);
  };
  return [along(0), along(1), along(2)];
}

export const inRegion = (tip: Vector, slack = 0): boolean => wayBack(tip, -slack).every((v) => v === 0);

export const withinLimits = (q: ArrayLike<number>): boolean =>
  LOWER.every((low, i) => q[i]! > low && q[i]! < UPPER[i]!);

/**
 * Joint angles [7] of a random posture with the tip in the region: of some random postures the one whose tip is nearest
 * to a uniform point, so that tips fill the region evenly where joint angles alone would crowd its middle.
 */
export function randomPosture(rng: Rng): readonly number[] {
  for (;;) {
    const target: Vector = [rng.uniform(...REGION[0]), rng.uniform(...REGION[1]), rng.uniform(...REGION[2])];
    const nearest = Array.from({ length: CANDIDATES }, () => anyPosture(rng))
      .map((q) => ({ q, tip: pose(q).tip }))
      .reduce((a, b) => (gap(b.tip, target) < gap(a.tip, target) ? b : a));
    if (inRegion(nearest.tip)) return nearest.q;
  }
}

/** Joint angles [7] within the working ranges; the tip may be anywhere. */
function anyPosture(rng: Rng): number[] {
  const q = WORK.map(([low, high]) => rng.uniform(low, high));
  q[5] = rng.uniform(...rangeOf(5, q));
  return q;
}

/** The working range of a joint in a posture: that of joint 6 follows the arm, so that the hand points down. */
export function rangeOf(joint: number, q: ArrayLike<number>): Range {
  const [low, high] = WORK[joint]!;
  if (joint !== 5) return [low, high];
  const down = q[1]! - q[3]!;
  return [Math.max(low, down + LEAN[0]), Math.min(high, down + LEAN[1])];
}

import { between, type Point } from './geometry.ts';
import { TOP_SPEED } from './scene.ts';

/** How far along the way one aims, metres: less than the thickness of a wall with the agent on both sides of it. */
const LOOK_AHEAD = 0.06;
/** Slowing down to a place: m/s per metre that is left. */
const GAIN = 8;

/** The point on a way at LOOK_AHEAD from its beginning: aiming there rounds corners (pure pursuit, Coulter 1992). */
export function carrot(from: Point, path: readonly Point[]): Point {
  let left = LOOK_AHEAD;
  let at = from;
  for (const to of path) {
    const leg = between(at, to);
    if (leg >= left) return [at[0] + (left / leg) * (to[0] - at[0]), at[1] + (left / leg) * (to[1] - at[1])];
    left -= leg;
    at = to;
  }
  return at;
}

/** Velocity towards a point at `speed`, or slower where it is near. */
export function towards(from: Point, to: Point, speed: number): Point {
  const scale = Math.min(speed / Math.max(between(from, to), 1e-9), GAIN);
  return [scale * (to[0] - from[0]), scale * (to[1] - from[1])];
}

/** The action of a velocity, each axis within its bounds. */
export const command = (vx: number, vy: number): Float32Array => Float32Array.of(clip(vx), clip(vy));

const clip = (v: number): number => Math.min(TOP_SPEED, Math.max(-TOP_SPEED, v));

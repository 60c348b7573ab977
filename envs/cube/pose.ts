import type { Physics } from '#src/env/physics.js';
import type { Configuration } from '#src/env/task.js';

/** Metres along x, y, z. */
export type Point = readonly [number, number, number];

/** What matters in a configuration. */
export interface Pose {
  /** The point between the finger pads. */
  readonly gripper: Point;
  /** Distance of each finger's pad from that point, m. */
  readonly opening: number;
  /** Centre of the box. */
  readonly box: Point;
  /** Heading of the box's faces in [-π/4, π/4], rad: a cube looks the same after a quarter turn. */
  readonly yaw: number;
}

/** Where the box is in a configuration. */
export function boxAt(q: Configuration, physics: Physics): Point {
  const at = physics.index('box');
  return [q[at]!, q[at + 1]!, q[at + 2]!];
}

export function poseOf(physics: Physics): Pose {
  const q = physics.qpos();
  const at = physics.index('box');
  return {
    gripper: [q[physics.index('x')]!, q[physics.index('y')]!, q[physics.index('z')]!],
    opening: (q[physics.index('left')]! + q[physics.index('right')]!) / 2,
    box: boxAt(q, physics),
    yaw: quarterYaw(q[at + 3]!, q[at + 4]!, q[at + 5]!, q[at + 6]!),
  };
}

/** Heading, up to quarter turns, of the most level of the axes of the unit quaternion (w, x, y, z). */
function quarterYaw(w: number, x: number, y: number, z: number): number {
  const axes: readonly Point[] = [
    [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
    [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
    [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
  ];
  const level = axes.reduce((best, axis) => (Math.abs(axis[2]) < Math.abs(best[2]) ? axis : best));
  const angle = Math.atan2(level[1], level[0]);
  return Math.atan2(Math.sin(4 * angle), Math.cos(4 * angle)) / 4;
}

/** Half of the box's width along the fingers' way, m: more when it stands askew. */
export const halfWidth = (size: number, yaw: number): number =>
  (size / 2) * (Math.cos(yaw) + Math.abs(Math.sin(yaw)));

export const between = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

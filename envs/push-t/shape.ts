import type { Variation } from '#src/env/task.js';

/** A point or vector of the plane, metres. */
export type Point = readonly [x: number, y: number];

/** Where the T lies: its centre of mass in metres, and its angle in rad, anticlockwise. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
}

/** One box of the T in the T's own frame, whose origin is the centre of mass; the T is symmetric about x = 0. */
interface Box {
  readonly y: number;
  readonly halfX: number;
  readonly halfY: number;
}

/** The T: a bar along x and a stem below it. */
export interface Shape {
  readonly bar: Box;
  readonly stem: Box;
  /** Radius of gyration, metres: the lever arm at which turning is as hard as moving. */
  readonly gyration: number;
}

/** The field's T is 120 × 30 with a stem of 30 × 90 on a side of 512; this one is about 1.3 times as large. */
const BAR = 0.3;
const THICK = 0.085;
const STEM = 0.22;

/** Mean squared distance of a box's points from the origin. */
const spread = ({ y, halfX, halfY }: Box): number => (halfX ** 2 + halfY ** 2) / 3 + y ** 2;

/** The T of a variation. */
export function shapeOf(v: Variation): Shape {
  const size = v['blockSize']!;
  const share = BAR / (BAR + STEM); // of the mass that is in the bar
  const between = (THICK + STEM) / 2;
  const bar = { y: size * (1 - share) * between, halfX: (size * BAR) / 2, halfY: (size * THICK) / 2 };
  const stem = { y: -size * share * between, halfX: (size * THICK) / 2, halfY: (size * STEM) / 2 };
  return { bar, stem, gyration: Math.sqrt(share * spread(bar) + (1 - share) * spread(stem)) };
}

/** A point of the world in the T's frame. */
export function toBlock({ x, y, angle }: Pose, point: Point): Point {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const dx = point[0] - x;
  const dy = point[1] - y;
  return [c * dx + s * dy, c * dy - s * dx];
}

/** A vector of the T's frame in the world's. */
export function turned(angle: number, [x, y]: Point): Point {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return [c * x - s * y, s * x + c * y];
}

/** A point of the T's frame in the world. */
export function toWorld(pose: Pose, point: Point): Point {
  const [x, y] = turned(pose.angle, point);
  return [pose.x + x, pose.y + y];
}

/** Signed distance of a point in the T's frame from the T's outline, negative inside. */
export const distanceTo = (shape: Shape, at: Point): number =>
  Math.min(boxDistance(shape.bar, at), boxDistance(shape.stem, at));

function boxDistance(box: Box, [x, y]: Point): number {
  const dx = Math.abs(x) - box.halfX;
  const dy = Math.abs(y - box.y) - box.halfY;
  if (dx > 0 && dy > 0) return Math.sqrt(dx * dx + dy * dy);
  return Math.max(dx, dy);
}

/** Outward unit normal of the T's outline at the point nearest to `at`, both in the T's frame. */
export function normalAt(shape: Shape, at: Point): Point {
  const box = boxDistance(shape.bar, at) <= boxDistance(shape.stem, at) ? shape.bar : shape.stem;
  const dx = Math.abs(at[0]) - box.halfX;
  const dy = Math.abs(at[1] - box.y) - box.halfY;
  const sx = at[0] < 0 ? -1 : 1;
  const sy = at[1] < box.y ? -1 : 1;
  const length = Math.sqrt(dx * dx + dy * dy);
  if (dx > 0 && dy > 0) return [(sx * dx) / length, (sy * dy) / length];
  return dx > dy ? [sx, 0] : [0, sy];
}

/** `angle` brought into [-π, π]. */
export const wrap = (angle: number): number => Math.atan2(Math.sin(angle), Math.cos(angle));

import { BLOCK_REACH, GRIP, type Layout } from './scene.ts';
import { distanceTo, normalAt, toBlock, turned, type Point, type Pose, type Shape } from './shape.ts';

/** Metres between two states of a simulated push. */
const STEP = 0.008;
/** How often a contact is resolved per state: two sides of an inner corner, or the T at the end of its range. */
const ROUNDS = 4;
/** Metres of penetration that stay when the T can't give way: there a push ends. */
const STUCK = 0.006;

/**
 * A push without inertia: the T moves as much as it must to make room for a disc that travels from the layout's pusher
 * along `direction` (unit) for `length` metres. Calls `each` with every pose on the way and the metres travelled, and
 * stops early when that returns false. Resistance to moving and turning is linear (as in the scene), the contact rubs
 * with Coulomb's law: the quasi-static pushing of Lynch & Mason (1996) with a round limit surface.
 */
export function push(
  { pusher, block }: Layout,
  direction: Point,
  length: number,
  radius: number,
  shape: Shape,
  each: (pose: Pose, travelled: number) => boolean,
): void {
  let pose = block;
  for (let travelled = STEP; travelled <= length; travelled += STEP) {
    const disc: Point = [pusher[0] + travelled * direction[0], pusher[1] + travelled * direction[1]];
    const motion: Point = [STEP * direction[0], STEP * direction[1]];
    for (let round = 0; round < ROUNDS; round++) pose = yieldTo(pose, disc, motion, radius, shape);
    if (distanceTo(shape, toBlock(pose, disc)) < radius - STUCK) return;
    if (!each(pose, travelled)) return;
  }
}

/** The pose that the T yields to when a disc stands at `disc` after `motion`. */
function yieldTo(pose: Pose, disc: Point, motion: Point, radius: number, shape: Shape): Pose {
  const at = toBlock(pose, disc);
  const depth = radius - distanceTo(shape, at);
  if (depth <= 0) return pose;
  const normal = normalAt(shape, at);
  const [fx, fy, turn] = give(normal, at, depth, turned(-pose.angle, motion), radius, shape.gyration ** 2);
  const [dx, dy] = turned(pose.angle, [fx, fy]);
  return { x: within(pose.x + dx), y: within(pose.y + dy), angle: pose.angle + turn };
}

const within = (v: number): number => Math.min(BLOCK_REACH, Math.max(-BLOCK_REACH, v));

/** Displacement and turn, in the T's frame, that clear a penetration of `depth` against the outward normal `n`. */
function give(
  n: Point,
  at: Point,
  depth: number,
  motion: Point,
  radius: number,
  gyration2: number,
): readonly [x: number, y: number, turn: number] {
  const tangent: Point = [-n[1], n[0]];
  // What a force at the contact turns by: lever = (-py, px) for the contact point p.
  const lever: Point = [-(at[1] - radius * n[1]), at[0] - radius * n[0]];
  const along = motion[0] * tangent[0] + motion[1] * tangent[1];
  const u: Point = [along * tangent[0] - depth * n[0], along * tangent[1] - depth * n[1]];
  // A sticking contact moves by u = (1 + lever leverᵀ / gyration²) f; the inverse is Sherman and Morrison's.
  const s = dot(lever, u) / (gyration2 + dot(lever, lever));
  let f: Point = [u[0] - s * lever[0], u[1] - s * lever[1]];
  const pressed = -dot(f, n);
  const rubbed = dot(f, tangent);
  if (Math.abs(rubbed) > GRIP * pressed) {
    // It slips: the force lies on the edge of the friction cone, as large as clears the penetration.
    const side = rubbed < 0 ? -GRIP : GRIP;
    const e: Point = [side * tangent[0] - n[0], side * tangent[1] - n[1]];
    const gain = 1 - (dot(lever, e) * dot(lever, n)) / gyration2;
    const scale = depth / Math.max(gain, 0.2);
    f = [scale * e[0], scale * e[1]];
  }
  return [f[0], f[1], dot(lever, f) / gyration2];
}

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1];

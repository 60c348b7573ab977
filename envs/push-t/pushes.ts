import { push } from './contact.ts';
import { poseError } from './goal.ts';
import { onTable } from './route.ts';
import { distanceTo, toWorld, turned, type Point, type Pose, type Shape } from './shape.ts';

/** A straight push: where the pusher stands before, and which way it goes (unit vector, world frame). */
export interface Push {
  readonly from: Point;
  readonly direction: Point;
}

/** What a push is good for: how far to push, where that leaves the T, and how far that is from where it should be. */
export interface Outcome {
  /** Metres that the pusher travels, the way up to the T included. */
  readonly length: number;
  readonly pose: Pose;
  /** In tolerances, both errors together. */
  readonly error: number;
}

/** A place on the T's outline that the pusher can touch, in the T's frame, with the outward unit normal. */
interface Touch {
  readonly at: Point;
  readonly normal: Point;
}

/** Metres between a push's start and the place where the pusher first touches. */
const STAND_OFF = 0.016;
/** Metres between places on the outline. */
const SPACING = 0.03;
/** Angles between a push and the outline's normal, rad. */
const SLANTS = [-0.6, 0, 0.6];

/** Every push of this T that the pusher can stand behind. */
export function pushesOf(block: Pose, radius: number, shape: Shape): Push[] {
  return touches(shape, radius).flatMap(({ at, normal }) => {
    const centre: Point = [at[0] + radius * normal[0], at[1] + radius * normal[1]];
    return SLANTS.flatMap((slant) => {
      const inward = turned(slant, [-normal[0], -normal[1]]);
      const from: Point = [centre[0] - STAND_OFF * inward[0], centre[1] - STAND_OFF * inward[1]];
      const fits = distanceTo(shape, from) > radius + 0.01 && onTable(toWorld(block, from));
      return fits ? [{ from: toWorld(block, from), direction: turned(block.angle, inward) }] : [];
    });
  });
}

/** Where along the push (up to `reach` metres) the T comes nearest to the target pose. */
export function bestStop(
  { from, direction }: Push,
  block: Pose,
  target: Pose,
  reach: number,
  radius: number,
  shape: Shape,
): Outcome {
  let best: Outcome = { length: 0, pose: block, error: poseError(block, target) };
  push({ pusher: from, block }, direction, reach, radius, shape, (pose, length) => {
    const error = poseError(pose, target);
    if (error < best.error) best = { length, pose, error };
    return error < best.error + 6; // far past the best there is nothing to find
  });
  return best;
}

/** Places along the T's sides, a few centimetres apart, where a disc fits: not too deep in the inner corners. */
function touches(shape: Shape, radius: number): Touch[] {
  const { bar, stem } = shape;
  const top = bar.y + bar.halfY;
  const under = bar.y - bar.halfY;
  const foot = stem.y - stem.halfY;
  const flanks = [-1, 1].flatMap((side) => [
    ...row([side * bar.halfX, top], [side * bar.halfX, under], [side, 0]),
    ...row([side * bar.halfX, under], [side * stem.halfX, under], [0, -1]),
    ...row([side * stem.halfX, under], [side * stem.halfX, foot], [side, 0]),
  ]);
  const ends = [
    ...row([-bar.halfX, top], [bar.halfX, top], [0, 1]),
    ...row([-stem.halfX, foot], [stem.halfX, foot], [0, -1]),
  ];
  return [...flanks, ...ends].filter(({ at, normal: [nx, ny] }) => {
    const centre: Point = [at[0] + radius * nx, at[1] + radius * ny];
    return distanceTo(shape, centre) > radius - 1e-6;
  });
}

function row(a: Point, b: Point, normal: Point): Touch[] {
  const count = Math.max(1, Math.round(Math.hypot(b[0] - a[0], b[1] - a[1]) / SPACING));
  return Array.from({ length: count }, (_, i) => {
    const t = (i + 0.5) / count;
    return { at: [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])], normal };
  });
}

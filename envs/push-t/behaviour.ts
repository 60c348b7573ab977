import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { poseDistance } from './goal.ts';
import { bestStop, pushesOf, type Push } from './pushes.ts';
import { onTable, wayTo } from './route.ts';
import { BLOCK_REACH, layoutOf, PUSHER_REACH, TOP_SPEED, CONTROL_PERIOD, type Layout } from './scene.ts';
import { distanceTo, shapeOf, toBlock, toWorld, type Point, type Pose, type Shape } from './shape.ts';

/** What the pusher is about for a while: the velocity it wants, or nothing when it is done. */
type Errand = (layout: Layout) => Point | undefined;

/** What the episode is like. */
interface Style {
  readonly shape: Shape;
  readonly radius: number;
  /** How much the velocity shakes, m/s: each step anew, and slowly. */
  readonly jitter: number;
  readonly drift: number;
  /** Speed on the way to the T, m/s; above the top speed it is clipped along each axis. */
  readonly haste: number;
}

/** Metres that a push goes at most. */
const REACH = 0.4;
/** Control steps that a way to the T may take. */
const PATIENCE = 60;
/** Sides from which a push through a place is tried. */
const ATTEMPTS = 8;

/**
 * Collects contact: most errands push the T towards random poses (go around it, push through where that brings it
 * nearer), others push through random places of it or wander about. Noise differs from episode to episode.
 */
export function pushTBehaviour(variation: Variation, rng: Rng): Behaviour {
  const style: Style = {
    shape: shapeOf(variation),
    radius: variation['pusherRadius']!,
    jitter: rng.uniform(0, 0.12),
    drift: rng.uniform(0, 0.12),
    haste: rng.uniform(0.7, 1.4) * TOP_SPEED,
  };
  let errand: Errand = () => undefined;
  let target = anyPose(rng);
  const slow = [0, 0];
  return {
    act(physics: Physics) {
      const layout = layoutOf(physics);
      let wanted = errand(layout);
      if (!wanted) {
        if (poseDistance(layout.block, target) < 1.5 || rng.uniform() < 0.08) target = anyPose(rng);
        errand = nextErrand(layout, target, style, rng);
        wanted = errand(layout) ?? [0, 0];
      }
      const shaken = wanted.map((v, axis) => {
        slow[axis] = 0.85 * slow[axis]! + 0.53 * style.drift * rng.normal();
        return clip(v + slow[axis] + style.jitter * rng.normal());
      });
      return Float32Array.from(shaken);
    },
  };
}

/** A pose anywhere in the T's range. */
export const anyPose = (rng: Rng): Pose => ({
  x: rng.uniform(-BLOCK_REACH, BLOCK_REACH),
  y: rng.uniform(-BLOCK_REACH, BLOCK_REACH),
  angle: rng.uniform(-Math.PI, Math.PI),
});

function nextErrand(layout: Layout, target: Pose, style: Style, rng: Rng): Errand {
  const kind = rng.uniform();
  if (kind < 0.65) return pushTowards(layout, target, style, rng);
  return kind < 0.9 ? pushThrough(layout, style, rng) : wander(rng);
}

/** The best of a few random pushes for the target, from its far side to a little short of or beyond the best stop. */
function pushTowards(layout: Layout, target: Pose, style: Style, rng: Rng): Errand {
  const { shape, radius } = style;
  const all = pushesOf(layout.block, radius, shape);
  if (all.length === 0) return wander(rng);
  const some = Array.from({ length: 4 + rng.integer(24) }, () => all[rng.integer(all.length)]!);
  const found = some
    .map((push) => ({ push, stop: bestStop(push, layout.block, target, REACH, radius, shape) }))
    .reduce((a, b) => (b.stop.error < a.stop.error ? b : a));
  return goAndPush(found.push, found.stop.length * rng.uniform(0.7, 1.2) + 0.02, style, rng);
}

/** Runs at a random place of the T from a random side that has room, and through it. */
function pushThrough(layout: Layout, style: Style, rng: Rng): Errand {
  const { shape, radius } = style;
  const box = rng.uniform() < 0.5 ? shape.bar : shape.stem;
  const through = toWorld(layout.block, [
    box.halfX * rng.uniform(-1, 1),
    box.y + box.halfY * rng.uniform(-1, 1),
  ]);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const heading = rng.uniform(-Math.PI, Math.PI);
    const direction: Point = [Math.cos(heading), Math.sin(heading)];
    let back = radius;
    const start = (): Point => [through[0] - back * direction[0], through[1] - back * direction[1]];
    while (distanceTo(shape, toBlock(layout.block, start())) < radius + 0.02) back += 0.01;
    if (!onTable(start())) continue;
    return goAndPush({ from: start(), direction }, back + rng.uniform(0, 0.15), style, rng);
  }
  return wander(rng);
}

/** Goes around the T to where the push begins, then pushes. */
function goAndPush(push: Push, length: number, { shape, radius, haste }: Style, rng: Rng): Errand {
  const speed = rng.uniform(0.25, 1.1) * TOP_SPEED;
  let patience = PATIENCE;
  let pushed = -1;
  return (layout) => {
    if (pushed < 0) {
      const [dx, dy] = [push.from[0] - layout.pusher[0], push.from[1] - layout.pusher[1]];
      const way = Math.hypot(dx, dy) < 0.02 ? undefined : wayTo(layout, push.from, radius, shape);
      if (way && --patience > 0) return towards(layout.pusher, way.next, haste, way.last);
      if (Math.hypot(dx, dy) > 0.06) return undefined;
      pushed = 0;
    }
    if (pushed >= length) return undefined;
    pushed += CONTROL_PERIOD * speed;
    return [speed * push.direction[0], speed * push.direction[1]];
  };
}

/** Velocity to a point: at full speed, slower on the last centimetres where it should stop there. */
function towards(from: Point, to: Point, full: number, stop: boolean): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const distance = Math.max(1e-6, Math.hypot(dx, dy));
  const speed = stop ? Math.min(full, 8 * distance) : full;
  return [(speed * dx) / distance, (speed * dy) / distance];
}

/** Smooth random motion for a while, or one held command, which may be to rest. */
function wander(rng: Rng): Errand {
  let left = 8 + rng.integer(25);
  const vigour = rng.uniform() < 0.2 ? 0 : 0.25;
  const memory = rng.uniform() < 0.3 ? 1 : rng.uniform(0.5, 0.95);
  const kick = 1.2 * vigour * Math.sqrt(1 - memory ** 2);
  const v = [vigour * rng.normal(), vigour * rng.normal()];
  return ({ pusher }) => {
    if (--left < 0) return undefined;
    for (const axis of [0, 1] as const) {
      v[axis] = memory * v[axis]! + kick * rng.normal();
      if (Math.abs(pusher[axis]) > PUSHER_REACH - 0.03)
        v[axis] = -Math.sign(pusher[axis]) * Math.abs(v[axis]);
    }
    return [v[0]!, v[1]!];
  };
}

const clip = (v: number): number => Math.min(TOP_SPEED, Math.max(-TOP_SPEED, v));

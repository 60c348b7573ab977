import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { agentAt, chartOf } from './chart.ts';
import { between, cellAt, placeIn, type Point } from './geometry.ts';
import { everyCell } from './maze.ts';
import { TOP_SPEED } from './scene.ts';
import { carrot, command, towards } from './steering.ts';

/**
 * Of the episodes 45 % walk the shortest ways to random places, 25 % drift about and bounce off the walls, and 30 % go
 * straight on whatever is in the way: a planner will imagine that, so the data has to show that walls hold.
 */
export function mazeBehaviour(variation: Variation, rng: Rng): Behaviour {
  const kind = rng.uniform();
  if (kind < 0.45) return seek(variation, rng);
  return kind < 0.7 ? wander(rng) : charge(rng);
}

/** Goes to one random place after another, mostly where it has not yet been; noise and pace differ by episode. */
function seek(variation: Variation, rng: Rng): Behaviour {
  const { roadmap } = chartOf(variation);
  const noise = driftingNoise(rng);
  const pause = pauses(rng);
  const seen = new Set<number>();
  let speed = pace(rng);
  let target: Point | undefined;
  return {
    act(physics: Physics) {
      const at = agentAt(physics);
      seen.add(cellAt(at));
      if (target && between(at, target) < 0.03) target = undefined;
      target ??= place(variation, seen, rng);
      if (rng.uniform() < 0.03) speed = pace(rng);
      const [vx, vy] = pause() ? [0, 0] : towards(at, carrot(at, roadmap.path(at, target)), speed);
      const [ex, ey] = noise();
      return command(vx + ex, vy + ey);
    },
  };
}

/** A walk whose heading drifts; where a wall stops it, it bounces or takes a new heading. */
function wander(rng: Rng): Behaviour {
  const drift = rng.uniform(0.05, 0.35);
  const pause = pauses(rng);
  let heading = rng.uniform(-Math.PI, Math.PI);
  let speed = pace(rng);
  let sent: Point = [0, 0];
  return {
    act(physics: Physics) {
      heading = bounce(physics, sent, heading, rng) + drift * rng.normal();
      if (rng.uniform() < 0.05) speed = pace(rng);
      sent = pause() ? [0, 0] : [speed * Math.cos(heading), speed * Math.sin(heading)];
      return command(...sent);
    },
  };
}

/** One heading after another, each held for up to two seconds, walls or not. */
function charge(rng: Rng): Behaviour {
  let left = 0;
  let sent: Point = [0, 0];
  return {
    act() {
      if (left === 0) {
        const heading = rng.uniform(-Math.PI, Math.PI);
        const speed = pace(rng);
        sent = [speed * Math.cos(heading), speed * Math.sin(heading)];
        left = 3 + rng.integer(18);
      }
      left -= 1;
      return command(...sent);
    },
  };
}

/** The heading after a step: turned back along each axis that a wall has stopped, or now and then a new one. */
function bounce(physics: Physics, [vx, vy]: Point, heading: number, rng: Rng): number {
  const stopped = (joint: string, v: number): boolean =>
    Math.abs(v) > 0.3 * TOP_SPEED &&
    Math.abs(physics.joint(joint).velocity) < 0.2 * Math.min(Math.abs(v), TOP_SPEED);
  const x = stopped('x', vx);
  const y = stopped('y', vy);
  if (!x && !y) return heading;
  if (rng.uniform() < 0.3) return rng.uniform(-Math.PI, Math.PI);
  return Math.atan2(y ? -Math.sin(heading) : Math.sin(heading), x ? -Math.cos(heading) : Math.cos(heading));
}

/** A speed from a stroll to beyond what the actuators give, which saturates them. */
const pace = (rng: Rng): number => rng.uniform(0.4, 1.5) * TOP_SPEED;

/** A place to go: nine times in ten in a cell not yet seen, as long as there is one. */
function place(variation: Variation, seen: ReadonlySet<number>, rng: Rng): Point {
  const unseen = everyCell.filter((cell) => !seen.has(cell));
  const among = unseen.length > 0 && rng.uniform() < 0.9 ? unseen : everyCell;
  const cell = among[rng.integer(among.length)] ?? 0;
  return placeIn(cell, variation['radius']!, rng.uniform(-1, 1), rng.uniform(-1, 1));
}

/** Velocity noise that is correlated in time, m/s; how strong and how slow differs by episode. */
function driftingNoise(rng: Rng): () => Point {
  const scale = rng.uniform(0.01, 0.15);
  const memory = rng.uniform(0, 0.9);
  const fresh = scale * Math.sqrt(1 - memory * memory);
  let level: Point = [0, 0];
  return () => (level = [memory * level[0] + fresh * rng.normal(), memory * level[1] + fresh * rng.normal()]);
}

/** Whether to stand still at this step: now and then for up to a second. */
function pauses(rng: Rng): () => boolean {
  let left = 0;
  return () => {
    if (left === 0 && rng.uniform() < 0.01) left = 3 + rng.integer(8);
    else left = Math.max(0, left - 1);
    return left > 0;
  };
}

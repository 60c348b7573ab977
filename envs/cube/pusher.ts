import type { Physics } from '#src/env/physics.js';
import type { Behaviour } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { onTable } from './configurations.ts';
import { towards } from './moves.ts';
import { type Point, type Pose, poseOf } from './pose.ts';
import { Porter } from './porter.ts';
import { LOW, REACH, TIP } from './scene.ts';

/** Control steps after which another way to push is drawn. */
const PATIENCE = 30;
/** Gap between box and closed fingers where a push begins, beyond both their half widths, m. */
const GAP = 0.035;
/** Control steps of going up from a box that was fetched. */
const ASCENT = 4;

/**
 * Pushes the box along the table with closed fingers, from one random place to the next. A box that it can't get behind,
 * since it stands in a corner or is in the hand, it takes elsewhere first.
 */
export function pusher(size: number, speed: number, rng: Rng): Behaviour {
  let target: Point | undefined;
  let since = 0;
  let fetch: Porter | undefined;
  return {
    act(physics: Physics) {
      const pose = poseOf(physics);
      since += 1;
      if (fetch?.away(ASCENT)) fetch = target = undefined;
      if (!fetch && (!target || since > PATIENCE || ended(pose.box, target, size))) {
        target = enclosed(pose, size) ? undefined : somewhere(pose.box, size, rng);
        since = 0;
        if (!target) fetch = fetcher(size, speed, rng);
      }
      if (fetch) return fetch.act(physics);
      return target ? towards(pose.gripper, next(pose, target, size), 1, speed) : new Float32Array(4);
    },
  };
}

/** Drags the box to a random place of the table, once. */
function fetcher(size: number, speed: number, rng: Rng): Porter {
  const errand = { target: onTable(size, rng), rise: 0, wait: 0, release: true };
  return new Porter({ size, speed, next: () => errand, retreat: () => Infinity });
}

const enclosed = ({ gripper, box, opening }: Pose, size: number): boolean =>
  Math.abs(gripper[0] - box[0]) < opening &&
  Math.abs(gripper[1] - box[1]) < size / 2 &&
  gripper[2] - TIP < box[2] + size / 2;

const flat = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** A random place to push to, such that the gripper can get behind the box; undefined where there is hardly any. */
function somewhere(box: Point, size: number, rng: Rng): Point | undefined {
  for (let attempt = 0; attempt < 20; attempt++) {
    const place = onTable(size, rng);
    if (!ended(box, place, size) && flat(box, place) > 0.08) return place;
  }
  return undefined;
}

/** Whether a push ends: the box is there, or the gripper can't get behind it (any more). */
function ended(box: Point, place: Point, size: number): boolean {
  const start = behind(box, place, size);
  return flat(box, place) < 0.02 || Math.max(Math.abs(start[0]), Math.abs(start[1])) > REACH;
}

/** Where the push of a box towards a place begins. */
function behind(box: Point, place: Point, size: number): Point {
  const length = Math.max(1e-6, flat(box, place));
  const back = (size / 2 + GAP) / length;
  return [box[0] - back * (place[0] - box[0]), box[1] - back * (place[1] - box[1]), LOW + 0.004];
}

/** Through the box when behind it; else above the table to where the push begins, and down there. */
function next({ gripper, box }: Pose, target: Point, size: number): Point {
  const start = behind(box, target, size);
  const over = box[2] + size / 2 + TIP + 0.01;
  const way = [target[0] - box[0], target[1] - box[1]] as const;
  const back = [box[0] - gripper[0], box[1] - gripper[1]] as const;
  const cosine = (way[0] * back[0] + way[1] * back[1]) / (Math.hypot(...way) * Math.hypot(...back) + 1e-9);
  if (gripper[2] - TIP < box[2] && cosine > 0.8) {
    const step = 0.08 / Math.max(0.04, Math.hypot(...back));
    return [gripper[0] + step * back[0], gripper[1] + step * back[1], start[2]];
  }
  if (flat(gripper, start) < 0.02) return start;
  return [start[0], start[1], over];
}

import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { poseDistance, poseError } from './goal.ts';
import { bestStop, pushesOf, type Push } from './pushes.ts';
import { wayTo } from './route.ts';
import { CONTROL_PERIOD, layoutIn, layoutOf, TOP_SPEED, type Layout } from './scene.ts';
import { shapeOf, turned, type Point, type Pose, type Shape } from './shape.ts';

/** Metres that one push is looked ahead. */
const REACH = 0.3;
/** Tolerances that a metre of the pusher's way costs when pushes are compared. */
const PRICE = 3;
/** How many of the best pushes have their way measured. */
const SHORTLIST = 24;
/** Headings that a running push may turn to, rad from the present one. */
const STEER = [0, -0.2, 0.2, -0.5, 0.5, -0.9, 0.9];
/** Tolerances within which it lets the T be. */
const CONTENT = 0.5;
/** Control steps without progress after which a push is given up, and progress, in tolerances. */
const PATIENCE = 3;
const PROGRESS = 0.05;

/** Everything the solver knows about its episode. */
interface Case {
  readonly shape: Shape;
  readonly radius: number;
  readonly target: Pose;
}

/** A push under way: the unit direction now, the least error so far, and how many steps ago that was. */
interface Running {
  direction: Point;
  error: number;
  stale: number;
}

/**
 * Chooses the straight push that a model without inertia finds best for its way, goes around the T, pushes while
 * steering by the same model, and chooses again when nothing is left to gain; at random when a push has failed.
 */
export function pushTExpert(variation: Variation, goal: Configuration, rng: Rng): Behaviour {
  const of = { shape: shapeOf(variation), radius: variation['pusherRadius']! };
  let plan: Push | undefined;
  let running: Running | undefined;
  let failed = false;
  return {
    act(physics: Physics) {
      const layout = layoutOf(physics);
      const job: Case = { ...of, target: layoutIn(goal, physics).block };
      if (poseDistance(layout.block, job.target) < CONTENT) return new Float32Array(2);
      if (running) {
        const command = goOn(running, layout, job);
        if (command) return command;
        failed = running.stale >= PATIENCE;
        running = plan = undefined;
      }
      plan ??= choose(layout, job, failed ? rng : undefined);
      if (!plan) return new Float32Array(2);
      const command = approach(plan, layout, job);
      if (command) return command;
      running = { direction: plan.direction, error: poseError(layout.block, job.target), stale: 0 };
      return drive(plan.direction, 0.02);
    },
  };
}

/** The next command of a running push, turned to the heading that is best from here; nothing when it is over. */
function goOn(running: Running, layout: Layout, job: Case): Float32Array | undefined {
  const error = poseError(layout.block, job.target);
  running.stale = error < running.error - PROGRESS ? 0 : running.stale + 1;
  running.error = Math.min(running.error, error);
  const steered = running.stale < PATIENCE ? steer(layout, running.direction, job) : undefined;
  if (!steered) return undefined;
  running.direction = steered.direction;
  return drive(steered.direction, steered.length);
}

/** The command that takes the pusher to where the push begins; nothing when it is there. */
function approach({ from }: Push, layout: Layout, { shape, radius }: Case): Float32Array | undefined {
  const [x, y] = layout.pusher;
  if (Math.hypot(from[0] - x, from[1] - y) < 0.01) return undefined;
  const way = wayTo(layout, from, radius, shape);
  if (!way) return undefined;
  const to: Point = [way.next[0] - x, way.next[1] - y];
  const far = Math.max(1e-9, Math.hypot(...to));
  return drive([to[0] / far, to[1] / far], way.last ? far : Math.max(far, 0.04));
}

/** The velocity that travels `distance` in one control step along `direction`, or as far as the pusher can. */
function drive(direction: Point, distance: number): Float32Array {
  const top = TOP_SPEED / Math.max(Math.abs(direction[0]), Math.abs(direction[1]));
  const speed = Math.min(top, distance / CONTROL_PERIOD);
  return Float32Array.of(speed * direction[0], speed * direction[1]);
}

/** The heading near the present one that is best from here; nothing when none gains. */
function steer(layout: Layout, heading: Point, { shape, radius, target }: Case) {
  const now = poseError(layout.block, target);
  let best: { direction: Point; length: number; value: number } | undefined;
  for (const angle of STEER) {
    const direction = turned(angle, heading);
    const push = { from: layout.pusher, direction };
    const { length, error } = bestStop(push, layout.block, target, REACH, radius, shape);
    const value = error + PRICE * length;
    if (length > 0 && value < (best?.value ?? now - PROGRESS)) best = { direction, length, value };
  }
  return best;
}

/** The push that leaves the T nearest to its target, the pusher's way counted; with `rng` any of the better ones. */
function choose(layout: Layout, { shape, radius, target }: Case, rng: Rng | undefined): Push | undefined {
  const ranked = pushesOf(layout.block, radius, shape)
    .map((push) => ({ push, ...bestStop(push, layout.block, target, REACH, radius, shape) }))
    .filter(({ length }) => length > 0)
    .map(({ push, error, length }) => ({ push, value: error + PRICE * length }))
    .sort((a, b) => a.value - b.value)
    .slice(0, SHORTLIST)
    .flatMap(({ push, value }) => {
      const way = wayTo(layout, push.from, radius, shape);
      return way ? [{ push, value: value + PRICE * way.length }] : [];
    })
    .sort((a, b) => a.value - b.value);
  return ranked[rng ? rng.integer(ranked.length) : 0]?.push;
}

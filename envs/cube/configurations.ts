import type { Physics } from '#src/env/physics.js';
import type { Configuration, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { boxAt, halfWidth, type Point } from './pose.ts';
import { FENCE, FINGER, HIGH, LOW, OPEN, REACH, TIP } from './scene.ts';

/** Lowest centre of a box that counts as held in the air, metres. */
const AIR = 0.09;
/** The pads press this far into a box that is held: contact from the first moment on. */
const SQUEEZE = 0.0003;

/** A random point of the gripper's range. */
const reachable = (rng: Rng): Point => anywhere(REACH, LOW, HIGH, rng);

/** A random point of a box that is carried in the air. */
export const inAir = (size: number, rng: Rng): Point => anywhere(room(size / 2), AIR, HIGH, rng);

/** A random place on the table of a box's centre, in any heading or in the one given. */
export const onTable = (size: number, rng: Rng, yaw = Math.PI / 4): Point =>
  anywhere(room(halfWidth(size, yaw)), size / 2, size / 2, rng);

/** How far from the middle a box of this half width may be. */
const room = (half: number): number => Math.min(REACH, FENCE - half - 0.001);

const anywhere = (reach: number, low: number, high: number, rng: Rng): Point => [
  rng.uniform(-reach, reach),
  rng.uniform(-reach, reach),
  rng.uniform(low, high),
];

/** The box anywhere on the table, the gripper anywhere clear of it. */
export function resting(physics: Physics, v: Variation, rng: Rng): Configuration {
  const size = v['boxSize']!;
  const yaw = rng.uniform(-Math.PI / 4, Math.PI / 4);
  const box = onTable(size, rng, yaw);
  for (;;) {
    const gripper = reachable(rng);
    if (clear(gripper, box, size))
      return configuration(physics, { gripper, opening: rng.uniform(0, OPEN), box, yaw }, rng);
  }
}

/** The box held anywhere in the air. */
export function held(physics: Physics, v: Variation, rng: Rng): Configuration {
  const size = v['boxSize']!;
  const box = inAir(size, rng);
  const gripper: Point = [
    box[0],
    Math.min(REACH, Math.max(-REACH, box[1] + rng.uniform(-0.006, 0.006))),
    Math.min(HIGH, box[2] + rng.uniform(-0.005, 0.005)),
  ];
  return configuration(physics, { gripper, opening: size / 2 - SQUEEZE, box, yaw: 0 }, rng);
}

/** Whether the hand, however far it is open, touches no box in any heading. */
function clear(gripper: Point, box: Point, size: number): boolean {
  const reach = size * Math.SQRT1_2 + 0.005;
  const aside = Math.abs(gripper[0] - box[0]) > OPEN + 2 * FINGER.x + reach;
  const before = Math.abs(gripper[1] - box[1]) > FINGER.y + reach;
  return aside || before || gripper[2] - TIP > size + 0.005;
}

function configuration(
  physics: Physics,
  { gripper, opening, box, yaw }: { gripper: Point; opening: number; box: Point; yaw: number },
  rng: Rng,
): Configuration {
  const q = physics.qpos();
  q[physics.index('x')] = gripper[0];
  q[physics.index('y')] = gripper[1];
  q[physics.index('z')] = gripper[2];
  q[physics.index('left')] = opening;
  q[physics.index('right')] = opening;
  q.set([...box, Math.cos(yaw / 2), 0, 0, Math.sin(yaw / 2)], physics.index('box'));
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

/** False where the box has left the fence or is under the table, or the gripper is out of its range. */
export function legal(q: Configuration, physics: Physics, v: Variation): boolean {
  const [x, y, z] = boxAt(q, physics);
  const slack = 0.01;
  const inside =
    Math.abs(x) < FENCE - v['boxSize']! / 2 + slack && Math.abs(y) < FENCE - v['boxSize']! / 2 + slack;
  const gripper = ['x', 'y'].every((axis) => Math.abs(q[physics.index(axis)]!) < REACH + slack);
  return inside && gripper && z > v['boxSize']! / 2 - slack && z < HIGH + 2 * slack;
}

import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task, Track, Variation } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { twoRoomBehaviour } from './behaviour.ts';
import { twoRoomExpert } from './expert.ts';
import { doorway, HALF, scene, TOP_SPEED } from './scene.ts';

/** Metres between agent and goal that count as there (the field's 16 of 224 pixels would be 0.071). */
const REACHED = 0.05;

const clearance = (v: Variation): number => v['radius']! + 0.005;

/** A uniform point of one room (-1 west, +1 east), clear of the walls. */
function place(physics: Physics, v: Variation, side: number, rng: Rng): Configuration {
  const q = physics.qpos();
  const gap = clearance(v);
  q[physics.index('x')] = side * rng.uniform(0.02 + gap, HALF - gap);
  q[physics.index('y')] = rng.uniform(-HALF + gap, HALF - gap);
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

const side = (rng: Rng): number => (rng.uniform() < 0.5 ? -1 : 1);

const farTrack = {
  kind: 'pair',
  name: 'far',
  about: 'start and goal anywhere in different rooms',
  budget: 200,
  draw(physics: Physics, variation: Variation, rng: Rng) {
    const from = side(rng);
    return { start: place(physics, variation, from, rng), goal: place(physics, variation, -from, rng) };
  },
} as const satisfies Track;

/** Metres to the goal, through the doorway where it lies in the other room. */
function pathLength(physics: Physics, goal: Configuration, variation: Variation): number {
  const [x, y] = [physics.joint('x').position, physics.joint('y').position];
  const [gx, gy] = [goal[physics.index('x')]!, goal[physics.index('y')]!];
  if (x * gx > 0) return Math.hypot(gx - x, gy - y);
  const [low, high] = doorway(variation);
  const r = variation['radius']!;
  const crossing = y + ((gy - y) * -x) / (gx - x || 1e-9);
  const through = Math.min(high - r, Math.max(low + r, crossing));
  return Math.hypot(x, through - y) + Math.hypot(gx, gy - through);
}

export const twoRoom: Task = {
  name: 'two-room',
  about: 'a point mass goes through the doorway of a wall to where a picture shows it; seen from above',
  actionSpec: {
    dim: 2,
    minimum: [-TOP_SPEED, -TOP_SPEED],
    maximum: [TOP_SPEED, TOP_SPEED],
    names: ['vx', 'vy'],
    mode: 'velocity',
  },
  distanceUnit: 'm',
  stateNames: ['x', 'y', 'vx', 'vy'],
  cameras: [{ name: 'top', width: 64, height: 64 }],
  controlPeriod: 0.1,
  factors: {
    door: {
      default: 0,
      minimum: -0.35,
      maximum: 0.35,
      training: [
        [-0.35, -0.25],
        [-0.15, 0.1],
        [0.2, 0.35],
      ],
      about: 'centre of the doorway along y, m',
    },
    doorWidth: { default: 0.2, minimum: 0.14, maximum: 0.4, about: 'width of the doorway, m' },
    oneWay: {
      default: 0,
      minimum: -1,
      maximum: 1,
      values: [-1, 0, 1],
      about: 'a flap lets pass only towards +x (1) or -x (-1)',
    },
    agentHue: { default: 0, minimum: 0, maximum: 1, about: 'hue of the point mass' },
    wallHue: { default: 0.6, minimum: 0, maximum: 1, about: 'hue of the walls' },
    floorHue: { default: 0.12, minimum: 0, maximum: 1, about: 'hue of the floor' },
    radius: { default: 0.04, minimum: 0.025, maximum: 0.055, about: 'radius of the point mass, m' },
    mass: { default: 1, minimum: 0.25, maximum: 4, about: 'mass, kg: heavier is slower to follow a command' },
    friction: { default: 0, minimum: 0, maximum: 2, about: 'dry friction along each axis, N' },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    compatTrack,
    farTrack,
    {
      ...farTrack,
      name: 'doors',
      about: 'as far, with the doorway where training never had it',
      unseen: ['door'],
    },
  ],
  scene,
  initialize(physics, variation, rng) {
    const q = place(physics, variation, side(rng), rng);
    physics.setConfiguration(q);
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', q[physics.index('distractor')]!, rng.uniform(-1, 1));
  },
  observe(physics) {
    const x = physics.joint('x');
    const y = physics.joint('y');
    return Float32Array.of(x.position, y.position, x.velocity, y.velocity);
  },
  distance(physics, goal) {
    return Math.hypot(
      physics.joint('x').position - goal[physics.index('x')]!,
      physics.joint('y').position - goal[physics.index('y')]!,
    );
  },
  success: (physics, goal) => twoRoom.distance(physics, goal) < REACHED,
  legal(configuration, physics, variation) {
    const x = configuration[physics.index('x')]!;
    const y = configuration[physics.index('y')]!;
    const r = variation['radius']!;
    const [low, high] = doorway(variation);
    const inside = Math.abs(x) <= HALF - r + 0.01 && Math.abs(y) <= HALF - r + 0.01;
    const inWall = Math.abs(x) < 0.02 + r - 0.01 && (y < low + r - 0.01 || y > high - r + 0.01);
    return inside && !inWall;
  },
  behaviour: twoRoomBehaviour,
  expert: twoRoomExpert,
  costToGo: pathLength,
};

import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task, Variation } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { cubeBehaviour } from './behaviour.ts';
import { held, legal, resting } from './configurations.ts';
import { costToGo } from './cost-to-go.ts';
import { carrier } from './expert.ts';
import { between, boxAt, poseOf } from './pose.ts';
import { scene, TOP_SPEED } from './scene.ts';

/** Metres by which the box's centre may be off. */
const REACHED = 0.04;
/** Metres that start and goal of a far episode are apart at least. */
const FAR = 0.1;

/** The box on the table, and elsewhere: half of the goals on the table, half in the air. */
function farPair(physics: Physics, v: Variation, rng: Rng): { start: Configuration; goal: Configuration } {
  const start = resting(physics, v, rng);
  for (;;) {
    const goal = rng.uniform() < 0.5 ? resting(physics, v, rng) : held(physics, v, rng);
    if (between(boxAt(start, physics), boxAt(goal, physics)) > FAR) return { start, goal };
  }
}

export const cube: Task = {
  name: 'cube',
  about:
    'a gripper carries or pushes a box to where a picture shows it, on a table or in the air; seen at an angle',
  actionSpec: {
    dim: 4,
    minimum: [-TOP_SPEED, -TOP_SPEED, -TOP_SPEED, -1],
    maximum: [TOP_SPEED, TOP_SPEED, TOP_SPEED, 1],
    names: ['vx', 'vy', 'vz', 'grip'],
    mode: 'velocity',
  },
  distanceUnit: 'm',
  stateNames: ['x', 'y', 'z', 'opening', 'boxX', 'boxY', 'boxZ', 'boxYawCos4', 'boxYawSin4'],
  cameras: [{ name: 'front', width: 64, height: 64, antialias: 2 }],
  controlPeriod: 0.1,
  factors: {
    boxHue: { default: 0, minimum: 0, maximum: 1, about: 'hue of the box' },
    gripperHue: { default: 0.6, minimum: 0, maximum: 1, about: 'hue of fingers, carriages and rails' },
    tableHue: { default: 0.12, minimum: 0, maximum: 1, about: 'hue of the table' },
    boxSize: { default: 0.06, minimum: 0.05, maximum: 0.065, about: 'edge of the box, m' },
    boxMass: { default: 0.1, minimum: 0.05, maximum: 0.25, about: 'mass of the box, kg' },
    friction: { default: 0.5, minimum: 0.25, maximum: 1, about: 'friction of box and table' },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    compatTrack,
    {
      kind: 'pair',
      name: 'far',
      about: 'box anywhere on the table; goal elsewhere, half on the table and half held in the air',
      budget: 200,
      draw: farPair,
    },
  ],
  scene,
  initialize(physics, variation, rng) {
    const draw = rng.uniform() < 0.2 ? held : resting;
    physics.setConfiguration(draw(physics, variation, rng));
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', physics.joint('distractor').position, rng.uniform(-1, 1));
  },
  observe(physics) {
    const { gripper, opening, box, yaw } = poseOf(physics);
    return Float32Array.of(...gripper, 2 * opening, ...box, Math.cos(4 * yaw), Math.sin(4 * yaw));
  },
  distance: (physics, goal) => between(boxAt(physics.qpos(), physics), boxAt(goal, physics)),
  success: (physics, goal) => cube.distance(physics, goal) < REACHED,
  legal,
  behaviour: cubeBehaviour,
  expert: (variation, goal) => carrier(variation['boxSize']!, goal),
  costToGo,
};

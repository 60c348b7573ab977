import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { reacherBehaviour } from './behaviour.ts';
import { reacherExpert } from './expert.ts';
import { ELBOW_LIMIT, scene } from './scene.ts';

/** Radians that every joint may be off (the rule of LeWM's reacher). */
const REACHED = 0.05;

function configuration(physics: Physics, rng: Rng): Configuration {
  const q = physics.qpos();
  q[physics.index('shoulder')] = rng.uniform(-Math.PI, Math.PI);
  q[physics.index('elbow')] = rng.uniform(-0.95 * ELBOW_LIMIT, 0.95 * ELBOW_LIMIT);
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

const wrap = (angle: number): number => Math.abs(Math.atan2(Math.sin(angle), Math.cos(angle)));

export const reacher: Task = {
  name: 'reacher',
  about: 'a torque-driven arm of two links takes the configuration that a picture shows; seen from above',
  actionSpec: {
    dim: 2,
    minimum: [-1, -1],
    maximum: [1, 1],
    names: ['shoulder', 'elbow'],
    mode: 'effort',
  },
  distanceUnit: 'rad',
  stateNames: ['shoulderCos', 'shoulderSin', 'elbowCos', 'elbowSin', 'shoulderVelocity', 'elbowVelocity'],
  cameras: [{ name: 'top', width: 64, height: 64, supersample: 2 }],
  controlPeriod: 0.04,
  factors: {
    upperHue: { default: 0.6, minimum: 0, maximum: 1, about: 'hue of the upper link' },
    lowerHue: { default: 0.03, minimum: 0, maximum: 1, about: 'hue of the lower link' },
    floorHue: { default: 0.3, minimum: 0, maximum: 1, about: 'hue of the floor' },
    mass: { default: 1, minimum: 0.5, maximum: 2, about: 'scale of the link masses' },
    damping: { default: 1, minimum: 0.5, maximum: 2, about: 'scale of the joint damping' },
    friction: {
      default: 0,
      minimum: 0,
      maximum: 0.05,
      about: 'dry friction of the shoulder, N m (a quarter at the elbow)',
    },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    compatTrack,
    {
      kind: 'pair',
      name: 'far',
      about: 'start and goal are random configurations',
      budget: 200,
      draw: (physics, _variation, rng) => ({
        start: configuration(physics, rng),
        goal: configuration(physics, rng),
      }),
    },
  ],
  scene,
  initialize(physics, _variation, rng) {
    physics.setConfiguration(configuration(physics, rng));
    if (rng.uniform() < 0.5) return;
    for (const joint of ['shoulder', 'elbow'])
      physics.setJoint(joint, physics.joint(joint).position, 1.5 * rng.normal());
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', physics.joint('distractor').position, rng.uniform(-1, 1));
  },
  observe(physics) {
    const s = physics.joint('shoulder');
    const e = physics.joint('elbow');
    return Float32Array.of(
      Math.cos(s.position),
      Math.sin(s.position),
      Math.cos(e.position),
      Math.sin(e.position),
      s.velocity,
      e.velocity,
    );
  },
  /** The larger of the two joint errors, rad. */
  distance(physics, goal) {
    const error = (joint: string) => wrap(physics.joint(joint).position - goal[physics.index(joint)]!);
    return Math.max(error('shoulder'), error('elbow'));
  },
  success: (physics, goal) => reacher.distance(physics, goal) < REACHED,
  legal: (q, physics) => Math.abs(q[physics.index('elbow')]!) < ELBOW_LIMIT - 0.02,
  behaviour: reacherBehaviour,
  expert: reacherExpert,
};

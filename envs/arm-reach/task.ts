import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { armReachBehaviour } from './behaviour.ts';
import { armReachExpert } from './expert.ts';
import {
  gap,
  JOINTS,
  LOWER,
  pose,
  PUBLISHED_ACCELERATION,
  PUBLISHED_SPEED,
  TOP_SPEED,
  UPPER,
} from './kinematics.ts';
import { scene } from './scene.ts';
import { inRegion, randomPosture, withinLimits } from './workspace.ts';

/** Metres between the tip and the goal's tip that count as there. */
const REACHED = 0.02;
/** Metres that the tip of a start or goal may lie outside of the region: random motion strays a little. */
const STRAY = 0.03;
/** Cost of a radian of joint error (root mean square), m: it breaks ties between postures that share a tip. */
const POSTURE_COST = 0.05;

/** A random posture of the arm, and of the distractor where there is one. */
function configuration(physics: Physics, rng: Rng): Configuration {
  const q = physics.qpos();
  q.set(randomPosture(rng));
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

export const armReach: Task = {
  name: 'arm-reach',
  about: 'a seven-joint arm brings its tip to where it is in a picture; seen from the front right',
  actionSpec: {
    dim: 7,
    minimum: TOP_SPEED.map((v) => -v),
    maximum: TOP_SPEED,
    names: JOINTS,
    mode: 'velocity',
    motion: {
      velocity: PUBLISHED_SPEED,
      acceleration: PUBLISHED_ACCELERATION,
      joints: { state: JOINTS.map((_, i) => i), minimum: LOWER, maximum: UPPER },
    },
  },
  distanceUnit: 'm',
  stateNames: [...JOINTS, 'tipX', 'tipY', 'tipZ'],
  cameras: [{ name: 'front', width: 64, height: 64, antialias: 2 }],
  controlPeriod: 0.1,
  factors: {
    linkHue: {
      default: 0.08,
      minimum: 0,
      maximum: 1,
      about: 'hue of every other link; the rest have the opposite hue',
    },
    tipHue: { default: 0.9, minimum: 0, maximum: 1, about: 'hue of the ball at the tip' },
    floorHue: { default: 0.12, minimum: 0, maximum: 1, about: 'hue of the floor' },
    payload: { default: 0, minimum: 0, maximum: 3, about: 'mass carried at the tip, kg' },
    gainScale: {
      default: 1,
      minimum: 0.25,
      maximum: 2,
      about: 'scale of the velocity gains: softer joints lag behind their commands',
    },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    { ...compatTrack, hold: 5 },
    {
      kind: 'pair',
      name: 'far',
      about: 'start and goal are random postures with the tip in the region in front of the arm',
      budget: 100,
      hold: 5,
      draw: (physics, _variation, rng) => ({
        start: configuration(physics, rng),
        goal: configuration(physics, rng),
      }),
    },
  ],
  scene,
  initialize(physics, _variation, rng) {
    const q = configuration(physics, rng);
    physics.setConfiguration(q);
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', q[physics.index('distractor')]!, rng.uniform(-1, 1));
  },
  observe(physics) {
    const q = physics.qpos();
    return Float32Array.of(...q.subarray(0, JOINTS.length), ...pose(q).tip);
  },
  /** Metres from tip to the goal's tip. */
  distance: (physics, goal) => gap(pose(physics.qpos()).tip, pose(goal).tip),
  success: (physics, goal) => armReach.distance(physics, goal) < REACHED,
  legal: (q) => withinLimits(q) && inRegion(pose(q).tip, STRAY),
  behaviour: armReachBehaviour,
  expert: (_variation, goal) => armReachExpert(goal),
  costToGo(physics, goal) {
    const q = physics.qpos();
    const squares = JOINTS.reduce((sum, _, i) => sum + (q[i]! - goal[i]!) ** 2, 0);
    return armReach.distance(physics, goal) + POSTURE_COST * Math.sqrt(squares / JOINTS.length);
  },
};

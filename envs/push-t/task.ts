import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task, Variation } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { anyPose, pushTBehaviour } from './behaviour.ts';
import { pushTExpert } from './expert.ts';
import { poseDistance, poseError, POSITION_TOLERANCE } from './goal.ts';
import { onTable } from './route.ts';
import {
  BLOCK_REACH,
  CONTROL_PERIOD,
  layoutIn,
  layoutOf,
  PUSHER_REACH,
  scene,
  TOP_SPEED,
  type Layout,
} from './scene.ts';
import { distanceTo, shapeOf, toBlock, type Pose } from './shape.ts';

/** Metres by which a contact may give, and a limit. */
const SLACK = 0.006;
/** What a metre between pusher and T costs when planning on the simulator, in tolerances: too little to outweigh progress. */
const APPROACH = 0.1 / POSITION_TOLERANCE;

/** Metres between the pusher's rim and the T. */
const gapOf = ({ pusher, block }: Layout, v: Variation): number =>
  distanceTo(shapeOf(v), toBlock(block, pusher)) - v['pusherRadius']!;

/** A random pose of the T, and the pusher anywhere beside it. */
function anyLayout(v: Variation, rng: Rng): Layout {
  const block = anyPose(rng);
  for (;;) {
    const pusher = [
      rng.uniform(-PUSHER_REACH, PUSHER_REACH),
      rng.uniform(-PUSHER_REACH, PUSHER_REACH),
    ] as const;
    if (gapOf({ pusher, block }, v) > 0.01) return { pusher, block };
  }
}

function configuration(physics: Physics, { pusher, block }: Layout, rng: Rng): Configuration {
  const q = physics.qpos();
  q[physics.index('blockX')] = block.x;
  q[physics.index('blockY')] = block.y;
  q[physics.index('blockAngle')] = block.angle;
  q[physics.index('pusherX')] = pusher[0];
  q[physics.index('pusherY')] = pusher[1];
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

const inRange = ({ x, y }: Pose): boolean =>
  Math.abs(x) <= BLOCK_REACH + SLACK && Math.abs(y) <= BLOCK_REACH + SLACK;

export const pushT: Task = {
  name: 'push-t',
  about:
    'a round pusher brings a T-shaped block to the place and angle that a picture shows; seen from above',
  actionSpec: {
    dim: 2,
    minimum: [-TOP_SPEED, -TOP_SPEED],
    maximum: [TOP_SPEED, TOP_SPEED],
    names: ['vx', 'vy'],
    mode: 'velocity',
  },
  distanceUnit: 'tolerances',
  stateNames: ['pusherX', 'pusherY', 'blockX', 'blockY', 'blockCos', 'blockSin'],
  cameras: [{ name: 'top', width: 64, height: 64, antialias: 2 }],
  controlPeriod: CONTROL_PERIOD,
  factors: {
    blockHue: { default: 0.6, minimum: 0, maximum: 1, about: 'hue of the T' },
    pusherHue: { default: 0.02, minimum: 0, maximum: 1, about: 'hue of the pusher' },
    floorHue: { default: 0.12, minimum: 0, maximum: 1, about: 'hue of the table' },
    blockFriction: {
      default: 1,
      minimum: 0.5,
      maximum: 2,
      about: 'scale of the friction between T and table',
    },
    blockMass: {
      default: 1,
      minimum: 0.5,
      maximum: 3,
      about: 'scale of the mass of the T: heavier coasts on',
    },
    blockSize: { default: 1, minimum: 0.85, maximum: 1.15, about: 'scale of the T' },
    pusherRadius: { default: 0.035, minimum: 0.025, maximum: 0.045, about: 'radius of the pusher, m' },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    compatTrack,
    {
      kind: 'trajectory',
      name: 'far',
      about: 'goal 100 control steps ahead on a behaviour trajectory',
      offset: 100,
      budget: 200,
    },
  ],
  scene,
  initialize(physics, variation, rng) {
    physics.setConfiguration(configuration(physics, anyLayout(variation, rng), rng));
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', physics.joint('distractor').position, rng.uniform(-1, 1));
  },
  observe(physics) {
    const { pusher, block } = layoutOf(physics);
    return Float32Array.of(...pusher, block.x, block.y, Math.cos(block.angle), Math.sin(block.angle));
  },
  /** The larger of the errors in place and angle of the T, each in tolerances; the pusher is free. */
  distance: (physics, goal) => poseDistance(layoutOf(physics).block, layoutIn(goal, physics).block),
  success: (physics, goal) => pushT.distance(physics, goal) < 1,
  legal(q, physics, variation) {
    const layout = layoutIn(q, physics);
    const [x, y] = layout.pusher;
    const inside = onTable([x - Math.sign(x) * SLACK, y - Math.sign(y) * SLACK]) && inRange(layout.block);
    return inside && gapOf(layout, variation) > -SLACK;
  },
  behaviour: pushTBehaviour,
  expert: pushTExpert,
  /** Both errors of the T, and a little for each metre between the pusher and the T. */
  costToGo(physics, goal, variation) {
    const layout = layoutOf(physics);
    const away = Math.max(0, gapOf(layout, variation));
    return poseError(layout.block, layoutIn(goal, physics).block) + APPROACH * away;
  },
};

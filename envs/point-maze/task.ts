import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task, Variation } from '#src/env/task.js';
import { compatTrack } from '#src/env/tracks.js';
import type { Rng } from '#src/rng.js';
import { mazeBehaviour } from './behaviour.ts';
import { agentAt, chartOf } from './chart.ts';
import { mazeExpert } from './expert.ts';
import { between, gap, HALF, placeIn, type Point } from './geometry.ts';
import { CELLS, everyCell, stepsFrom } from './maze.ts';
import { lengthOf } from './roadmap.ts';
import { scene, TOP_SPEED } from './scene.ts';

/** Metres between agent and goal that count as there: three pixels. */
const REACHED = 0.05;
/** Cells to walk at least on the track `far`. */
const FAR = 3;
/** How deep the agent may lean into a wall, metres: contacts are a little soft. */
const SOFT = 0.01;

/** A uniform place of a cell, clear of the walls. */
function configuration(physics: Physics, v: Variation, cell: number, rng: Rng): Configuration {
  const q = physics.qpos();
  const [x, y] = placeIn(cell, v['radius']! + 0.002, rng.uniform(-1, 1), rng.uniform(-1, 1));
  q[physics.index('x')] = x;
  q[physics.index('y')] = y;
  if (physics.hasJoint('distractor')) q[physics.index('distractor')] = rng.uniform(-Math.PI, Math.PI);
  return q;
}

const placeOf = (physics: Physics, q: Configuration): Point => [
  q[physics.index('x')]!,
  q[physics.index('y')]!,
];

export const pointMaze: Task = {
  name: 'point-maze',
  about:
    'a point mass finds its way through a maze, another one each episode, to where a picture shows it; seen from above',
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
    layout: {
      default: 1_000_000,
      minimum: 0,
      maximum: 1_999_999,
      whole: true,
      training: [[0, 999_999]],
      about: 'number of the maze; training sees those below a million only',
    },
    agentHue: { default: 0, minimum: 0, maximum: 1, about: 'hue of the point mass' },
    wallHue: { default: 0.62, minimum: 0, maximum: 1, about: 'hue of the walls' },
    floorHue: { default: 0.13, minimum: 0, maximum: 1, about: 'hue of the floor' },
    radius: { default: 0.045, minimum: 0.035, maximum: 0.06, about: 'radius of the point mass, m' },
    mass: { default: 1, minimum: 0.25, maximum: 4, about: 'mass, kg: heavier is slower to follow a command' },
    friction: { default: 0, minimum: 0, maximum: 2, about: 'dry friction along each axis, N' },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    { ...compatTrack, unseen: ['layout'] },
    {
      kind: 'pair',
      name: 'far',
      about: 'start and goal anywhere, three cells of way apart or more',
      budget: 200,
      unseen: ['layout'],
      draw(physics, variation, rng) {
        const { maze } = chartOf(variation);
        const pairs = everyCell.flatMap((from) => {
          const steps = stepsFrom(maze, from);
          return everyCell.filter((to) => (steps[to] ?? 0) >= FAR).map((to) => [from, to] as const);
        });
        const [from, to] = pairs[rng.integer(pairs.length)] ?? [0, CELLS - 1];
        return {
          start: configuration(physics, variation, from, rng),
          goal: configuration(physics, variation, to, rng),
        };
      },
    },
  ],
  scene,
  initialize(physics, variation, rng) {
    const q = configuration(physics, variation, rng.integer(CELLS), rng);
    physics.setConfiguration(q);
    if (physics.hasJoint('distractor'))
      physics.setJoint('distractor', q[physics.index('distractor')]!, rng.uniform(-1, 1));
  },
  observe(physics) {
    const x = physics.joint('x');
    const y = physics.joint('y');
    return Float32Array.of(x.position, y.position, x.velocity, y.velocity);
  },
  distance: (physics, goal) => between(agentAt(physics), placeOf(physics, goal)),
  success: (physics, goal) => pointMaze.distance(physics, goal) < REACHED,
  /** Metres of the shortest way round the walls. */
  costToGo(physics, goal, variation) {
    const at = agentAt(physics);
    return lengthOf(at, chartOf(variation).roadmap.path(at, placeOf(physics, goal)));
  },
  legal(q, physics, variation) {
    const at = placeOf(physics, q);
    const inside = Math.max(Math.abs(at[0]), Math.abs(at[1])) < HALF;
    return inside && chartOf(variation).walls.every((wall) => gap(at, wall) > variation['radius']! - SOFT);
  },
  behaviour: mazeBehaviour,
  expert: mazeExpert,
};

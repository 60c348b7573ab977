import type { Physics } from '#src/env/physics.js';
import type { Configuration, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { RAIL } from './dynamics.ts';

/** Where an episode may start: a configuration and the velocities [nv] to go with it. */
export interface Start {
  readonly configuration: Configuration;
  readonly velocity: Float64Array;
}

/** Position and velocity of a joint. */
type JointState = readonly [number, number];

/** Every joint of the scene has one degree of freedom, so a velocity stands where its position does. */
function startWith(physics: Physics, rng: Rng, cart: JointState, pole: JointState): Start {
  const start = { configuration: physics.qpos(), velocity: new Float64Array(physics.model.nv) };
  const set = (joint: string, [position, velocity]: JointState) => {
    start.configuration[physics.index(joint)] = position;
    start.velocity[physics.index(joint)] = velocity;
  };
  set('cart', cart);
  set('pole', pole);
  if (physics.hasJoint('distractor')) set('distractor', [rng.uniform(-Math.PI, Math.PI), rng.uniform(-1, 1)]);
  return start;
}

/** The pole anywhere, at up to 4 rad/s; the cart in the middle half of the rail. */
export const moving = (physics: Physics, rng: Rng): Start =>
  startWith(
    physics,
    rng,
    [rng.uniform(-RAIL / 2, RAIL / 2), rng.uniform(-0.5, 0.5)],
    [rng.uniform(-Math.PI, Math.PI), rng.uniform(-4, 4)],
  );

/** The pole hanging at rest, to 0.1 rad; the cart in the middle, to 0.1 m. */
export const hanging = (physics: Physics, rng: Rng): Start =>
  startWith(physics, rng, [rng.uniform(-0.1, 0.1), 0], [Math.PI + rng.uniform(-0.1, 0.1), 0]);

/** A track's draw: from such a start to the pole upright and the cart in the middle. */
export const toUpright =
  (startOf: (physics: Physics, rng: Rng) => Start) => (physics: Physics, _variation: Variation, rng: Rng) => {
    const { configuration: start, velocity } = startOf(physics, rng);
    const { configuration: goal } = startWith(physics, rng, [0, 0], [0, 0]);
    return { start, velocity, goal };
  };

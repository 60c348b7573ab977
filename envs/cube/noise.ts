import type { Physics } from '#src/env/physics.js';
import type { Behaviour } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { command } from './moves.ts';
import { poseOf } from './pose.ts';
import { LOW, TOP_SPEED } from './scene.ts';

/** How much chance disturbs a scripted behaviour. */
export interface Disturbance {
  /** Standard deviation of the drifting noise on the velocities, m/s, and on the grip. */
  readonly velocity: number;
  readonly grip: number;
  /** Chance per control step that a few steps of any action whatever begin. */
  readonly lapse: number;
}

/** First-order drift: noise of unit variance that keeps 0.7 of itself from step to step. */
const drift = (value: number, rng: Rng): number => 0.7 * value + Math.sqrt(1 - 0.7 ** 2) * rng.normal();

/** Any action, saturated ones too. */
export const anything = (rng: Rng): Float32Array => {
  const speed = () => 1.3 * TOP_SPEED * rng.uniform(-1, 1);
  return command(speed(), speed(), speed(), 1.5 * rng.uniform(-1, 1));
};

/** A behaviour with noise on its actions and lapses in between. */
export function disturbed(behaviour: Behaviour, { velocity, grip, lapse }: Disturbance, rng: Rng): Behaviour {
  const noise = [0, 0, 0, 0];
  let slip: Float32Array | undefined;
  let left = 0;
  return {
    act(physics: Physics) {
      const action = behaviour.act(physics);
      for (let i = 0; i < 4; i++) noise[i] = drift(noise[i]!, rng);
      if (--left < 0 && rng.uniform() < lapse) {
        slip = anything(rng);
        left = rng.integer(5);
      }
      const [vx, vy, vz, g] = left >= 0 && slip ? slip : action;
      return command(
        vx! + velocity * noise[0]!,
        vy! + velocity * noise[1]!,
        vz! + velocity * noise[2]!,
        g! + grip * noise[3]!,
      );
    },
  };
}

/** Drifting motion that a weak pull keeps near the box, with the grip held at random values for a while. */
export function wanderer(rng: Rng): Behaviour {
  const pull = rng.uniform(0.5, 3);
  const noise = [0, 0, 0];
  let offset = [0, 0, 0];
  let grip = 0;
  return {
    act(physics: Physics) {
      const { gripper, box } = poseOf(physics);
      if (rng.uniform() < 0.1) offset = [0.06 * rng.normal(), 0.06 * rng.normal(), 0.1 * rng.uniform() ** 2];
      if (rng.uniform() < 0.12)
        grip = rng.uniform() < 0.7 ? (rng.uniform() < 0.5 ? -1 : 1) : rng.uniform(-1, 1);
      const goal = [box[0], box[1], Math.max(LOW, box[2])];
      const velocity = noise.map((value, i) => {
        noise[i] = drift(value, rng);
        return pull * (goal[i]! + offset[i]! - gripper[i]!) + 0.2 * noise[i];
      });
      return command(velocity[0]!, velocity[1]!, velocity[2]!, grip);
    },
  };
}

import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { ELBOW_LIMIT } from './scene.ts';

/** Half of the episodes steer to random configurations and rest there; the others push at random. */
export function reacherBehaviour(_variation: Variation, rng: Rng): Behaviour {
  const kind = rng.uniform();
  if (kind < 0.5) return steer(rng);
  return kind < 0.8 ? drift(rng) : pulses(rng);
}

/** A noisy PD controller from one random configuration to the next. */
function steer(rng: Rng): Behaviour {
  const noise = rng.uniform(0, 0.3);
  const stiffness = rng.uniform(1, 4);
  let target = [0, 0];
  let patience = 0;
  return {
    act(physics: Physics) {
      if (--patience < 0) {
        target = [
          physics.joint('shoulder').position + rng.uniform(-2.5, 2.5),
          rng.uniform(-ELBOW_LIMIT, ELBOW_LIMIT),
        ];
        patience = 20 + rng.integer(40);
      }
      return torque((i) => {
        const { position, velocity } = physics.joint(i === 0 ? 'shoulder' : 'elbow');
        return stiffness * (target[i]! - position) - 0.3 * stiffness * velocity + noise * rng.normal();
      });
    },
  };
}

/** Ornstein–Uhlenbeck torques. */
function drift(rng: Rng): Behaviour {
  const level = [0, 0];
  return {
    act: () => torque((i) => (level[i] = level[i]! * 0.88 + 0.3 * rng.normal())),
  };
}

/** Constant torques, drawn anew every few steps; now and then none at all. */
function pulses(rng: Rng): Behaviour {
  let level = [0, 0];
  let left = 0;
  return {
    act() {
      if (--left < 0) {
        left = 2 + rng.integer(8);
        level = rng.uniform() < 0.2 ? [0, 0] : [rng.uniform(-1, 1), rng.uniform(-1, 1)];
      }
      return torque((i) => level[i]!);
    },
  };
}

const torque = (of: (joint: number) => number): Float32Array => Float32Array.of(clip(of(0)), clip(of(1)));

const clip = (v: number): number => Math.min(1, Math.max(-1, v));

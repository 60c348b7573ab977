import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration, Variation } from '#src/env/task.js';

/** Deceleration that the motors can surely give, rad/s². */
const BRAKING = { shoulder: 6, elbow: 12 } as const;
/** Torque (of 1) per rad/s that the velocity is off: at 25 Hz, more would swing the light elbow to and fro. */
const GAIN = { shoulder: 0.9, elbow: 0.4 } as const;

const clip = (v: number): number => Math.min(1, Math.max(-1, v));

/** As fast as it can still brake (v² = 2 a e), close to the goal in proportion; the shoulder turns the shorter way round. */
export function reacherExpert(_variation: Variation, goal: Configuration): Behaviour {
  const torque = (physics: Physics, joint: 'shoulder' | 'elbow'): number => {
    const { position, velocity } = physics.joint(joint);
    const off = goal[physics.index(joint)]! - position;
    const error = joint === 'shoulder' ? Math.atan2(Math.sin(off), Math.cos(off)) : off;
    const distance = Math.abs(error);
    const speed = Math.min(Math.sqrt(2 * BRAKING[joint] * distance), 5 * distance);
    return clip(GAIN[joint] * (Math.sign(error) * speed - velocity));
  };
  return { act: (physics) => Float32Array.of(torque(physics, 'shoulder'), torque(physics, 'elbow')) };
}

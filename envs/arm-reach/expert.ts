import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration } from '#src/env/task.js';
import { velocities } from './behaviour.ts';
import { JOINTS, TOP_SPEED } from './kinematics.ts';

/** 1/s: soft enough that the slowest servos settle without overshoot. */
const STIFFNESS = 3;

/** Takes the goal's posture along a straight line in joint space: proportional control, scaled to the top speeds. */
export const armReachExpert = (goal: Configuration): Behaviour => ({
  act(physics: Physics) {
    const q = physics.qpos();
    const wanted = JOINTS.map((_, i) => (STIFFNESS * (goal[i]! - q[i]!)) / TOP_SPEED[i]!);
    const scale = Math.min(1, 1 / Math.max(...wanted.map(Math.abs)));
    return velocities((i) => scale * wanted[i]!);
  },
});

import type { Physics } from '#src/env/physics.js';
import type { Configuration, Variation } from '#src/env/task.js';
import { between, boxAt, halfWidth, poseOf } from './pose.ts';

/** Weights of the way to the box, and of fingers that are not yet (or no longer needed) wide, against the box's way. */
const APPROACH = 0.5;
const WIDTH = 0.5;
/** Metres from the grasp within which the fingers should close. */
const NEAR = 0.03;

/**
 * Metres that are still to go: of the box to the goal, of the gripper to the box, of the fingers to be wide enough to go
 * either side of it, and then of the fingers to close.
 */
export function costToGo(physics: Physics, goal: Configuration, variation: Variation): number {
  const { gripper, opening, box, yaw } = poseOf(physics);
  const width = halfWidth(variation['boxSize']!, yaw);
  const away = between(gripper, box);
  const narrow = Math.max(0, width + 0.003 + Math.abs(gripper[0] - box[0]) - opening);
  const wide = Math.max(0, opening - width) * Math.max(0, 1 - away / NEAR);
  const outside = Math.min(1, away / NEAR);
  return between(box, boxAt(goal, physics)) + APPROACH * away + WIDTH * (narrow * outside + wide);
}

import { SIDE } from './scene.ts';
import { wrap, type Pose } from './shape.ts';

/** Metres that the T's centre may be off: the field's 20 of 512 pixels. */
export const POSITION_TOLERANCE = (20 / 512) * SIDE;
/** Rad that the T may be turned off. */
export const ANGLE_TOLERANCE = Math.PI / 9;

/** How far the T is off in place and in angle, both in tolerances. */
export const errors = (pose: Pose, goal: Pose): readonly [place: number, angle: number] => [
  Math.hypot(pose.x - goal.x, pose.y - goal.y) / POSITION_TOLERANCE,
  Math.abs(wrap(pose.angle - goal.angle)) / ANGLE_TOLERANCE,
];

/** The larger of both errors, in tolerances: below 1 is success. */
export const poseDistance = (pose: Pose, goal: Pose): number => Math.max(...errors(pose, goal));

/** Both errors together, in tolerances: what a solver brings down. */
export function poseError(pose: Pose, goal: Pose): number {
  const [place, angle] = errors(pose, goal);
  return place + angle;
}

import { halfWidth, type Point, type Pose } from './pose.ts';
import { HIGH, LOW, REACH, TIP } from './scene.ts';

/** Where the gripper grasps the box. */
export const grasp = ({ box }: Pose): Point => [
  within(box[0]),
  within(box[1]),
  Math.min(HIGH, Math.max(LOW, box[2])),
];

const within = (value: number): number => Math.min(REACH, Math.max(-REACH, value));

/** Whether the box is between the pads, and the pads at the box. */
export function inGrip({ gripper, box, opening, yaw }: Pose, size: number): boolean {
  const aligned = Math.abs(gripper[0] - box[0]) < 0.012 && Math.abs(gripper[1] - box[1]) < 0.022;
  return aligned && Math.abs(gripper[2] - box[2]) < 0.03 && opening < halfWidth(size, yaw) + 0.0015;
}

/**
 * The next point on the way to the grasp: above the table until the fingers are wide enough and either side of the box.
 * When low beside the box it goes up and away first, lest a finger pins the box to the fence.
 */
export function approach(pose: Pose, size: number): Point {
  const { gripper, box, opening, yaw } = pose;
  const [x, y, z] = grasp(pose);
  const width = halfWidth(size, yaw);
  const aside = gripper[0] - box[0];
  const before = Math.abs(gripper[1] - y);
  const over = box[2] + size / 2 + TIP + 0.012;
  const low = gripper[2] - TIP < box[2] + size / 2 && before < size;
  if (Math.abs(aside) < Math.max(0.004, opening - width - 0.002) && opening > width + 0.002)
    return [x, y, Math.min(over, z + 0.8 * Math.max(0, before - 0.02))];
  if (low && Math.abs(aside) < opening) return [x, y, z];
  if (low) return [gripper[0] + 0.04 * Math.sign(aside), gripper[1], over];
  return [x, y, over];
}

/** The gripper's next point on the way of the box to the target: over an arch of this height. */
export function way({ gripper, box }: Pose, target: Point, rise: number): Point {
  const left = Math.hypot(target[0] - box[0], target[1] - box[1]);
  const z = target[2] + Math.min(rise, Math.max(0, left - 0.02));
  return [
    within(gripper[0] + target[0] - box[0]),
    within(gripper[1] + target[1] - box[1]),
    Math.min(HIGH, Math.max(LOW, gripper[2] + z - box[2])),
  ];
}

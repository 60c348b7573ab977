import type { ActionProfile, RobotProfile } from '../profile/schema.ts';
import { wireAction } from '../profile/mapping.ts';
import { header, rosTime, fieldAt, type RosVersion } from './types.ts';
import { listAt } from './numbers.ts';

/** When and for how long a command is meant. */
export interface CommandTime {
  /** Seconds of wall time since the epoch: what ROS stamps are. */
  readonly stamp: number;
  /** Seconds per control step. */
  readonly period: number;
}

/** The message that sets an action [dim] (our units), as the robot's ROS takes it. Never holds a NaN. */
export function commandMessage(
  profile: RobotProfile,
  action: Float32Array,
  time: CommandTime,
): Record<string, unknown> {
  const wire = wireAction(profile, action);
  const { ros, action: command } = profile;
  switch (command.type) {
    case 'std_msgs/Float64MultiArray':
      return { layout: { dim: [], data_offset: 0 }, data: inOrder(command, wire) };
    case 'trajectory_msgs/JointTrajectory':
      return trajectory(ros, command, wire, time);
    case 'sensor_msgs/JointState':
      return { header: header(ros, time.stamp, command.frame), ...jointLists(command, wire) };
    case 'geometry_msgs/Twist':
      return twist(command, wire);
    case 'geometry_msgs/TwistStamped':
      return { header: header(ros, time.stamp, command.frame), twist: twist(command, wire) };
  }
}

/** By index; an index that the profile leaves out is zero. */
function inOrder({ values }: ActionProfile, wire: readonly number[]): number[] {
  const data = new Array<number>(1 + Math.max(...values.map(({ index = 0 }) => index))).fill(0);
  values.forEach(({ index = 0 }, i) => (data[index] = wire[i]!));
  return data;
}

/** One point, one period ahead, that stands still where the mode says so: the last velocity must then be 0. */
function trajectory(ros: RosVersion, command: ActionProfile, wire: readonly number[], time: CommandTime) {
  const none: number[] = [];
  const still = wire.map(() => 0);
  const { mode } = command;
  const point = {
    positions: mode === 'position' ? wire : none,
    velocities: mode === 'position' ? still : mode === 'velocity' ? wire : none,
    accelerations: none,
    effort: mode === 'effort' ? wire : none,
    time_from_start: rosTime(ros, command.timeFromStart ?? time.period),
  };
  return {
    header: header(ros, time.stamp, command.frame),
    joint_names: command.values.map(({ joint }) => joint),
    points: [point],
  };
}

const jointLists = ({ values, mode }: ActionProfile, wire: readonly number[]) => ({
  name: values.map(({ joint }) => joint),
  position: mode === 'position' ? wire : [],
  velocity: mode === 'velocity' ? wire : [],
  effort: mode === 'effort' ? wire : [],
});

function twist({ values }: ActionProfile, wire: readonly number[]) {
  const message = { linear: { x: 0, y: 0, z: 0 }, angular: { x: 0, y: 0, z: 0 } };
  values.forEach(({ path = '' }, i) => {
    const [part, axis] = path.split('.') as ['linear' | 'angular', 'x' | 'y' | 'z'];
    message[part][axis] = wire[i]!;
  });
  return message;
}

/** The robot's numbers in a command message, in the profile's order; null for what is no such command. */
export function commandNumbers({ type, mode, values }: ActionProfile, message: unknown): number[] | null {
  const found = values.map(({ index = 0, joint, path = '' }) => {
    switch (type) {
      case 'std_msgs/Float64MultiArray':
        return listAt(message, 'data')?.[index];
      case 'trajectory_msgs/JointTrajectory':
        return ofPoint(message, joint, mode);
      case 'sensor_msgs/JointState':
        return listAt(message, mode)?.[listAt(message, 'name')?.indexOf(joint) ?? -1];
      case 'geometry_msgs/Twist':
        return path.split('.').reduce(fieldAt, message);
      case 'geometry_msgs/TwistStamped':
        return path.split('.').reduce(fieldAt, fieldAt(message, 'twist'));
    }
  });
  return found.every((value): value is number => typeof value === 'number' && Number.isFinite(value))
    ? found
    : null;
}

function ofPoint(message: unknown, joint: string | undefined, mode: ActionProfile['mode']): unknown {
  const at = listAt(message, 'joint_names')?.indexOf(joint) ?? -1;
  const point = listAt(message, 'points')?.[0];
  const key = mode === 'position' ? 'positions' : mode === 'velocity' ? 'velocities' : 'effort';
  return listAt(point, key)?.[at];
}

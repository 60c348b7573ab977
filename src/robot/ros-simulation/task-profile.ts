import type { Task } from '../../env/task.ts';
import type { RosVersion } from '../ros/types.ts';
import { RobotProfile } from '../profile/schema.ts';

/** How a task is put on topics. */
export interface TaskProfileOptions {
  readonly ros: RosVersion;
  readonly camera: 'jpeg' | 'raw';
  /** Control steps per second of wall time; the task's own by default. */
  readonly rate?: number;
}

/** The profile of a task that plays a ROS robot: also the template for a robot of one's own. */
export function taskProfile(task: Task, { ros, camera, rate }: TaskProfileOptions): RobotProfile {
  const { actionSpec, cameras, stateNames } = task;
  const jpeg = camera === 'jpeg';
  return RobotProfile.parse({
    format: 'jepilot-robot/1',
    name: `${task.name} on ROS ${ros}`,
    about: task.about,
    ros,
    rate: rate ?? Math.round(1 / task.controlPeriod),
    model: task.name,
    cameras: cameras.map(({ name, width, height }) => ({
      name,
      topic: `/camera/${name}/image${jpeg ? '/compressed' : '_raw'}`,
      type: jpeg ? 'sensor_msgs/CompressedImage' : 'sensor_msgs/Image',
      size: { width, height },
    })),
    state: [
      {
        topic: '/joint_states',
        type: 'sensor_msgs/JointState',
        values: stateNames.map((name) => ({ name, joint: name })),
      },
    ],
    action: {
      topic: '/command',
      type: 'std_msgs/Float64MultiArray',
      mode: actionSpec.mode,
      values: actionSpec.names.map((name, i) => ({
        name,
        index: i,
        minimum: actionSpec.minimum[i],
        maximum: actionSpec.maximum[i],
      })),
    },
    emergencyStop: { topic: '/emergency_stop' },
  });
}

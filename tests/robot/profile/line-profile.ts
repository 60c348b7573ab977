import { parseProfile } from '../../../src/robot/profile/read.ts';
import type { RobotProfile } from '../../../src/robot/profile/schema.ts';

/** The profile of `LineEnvironment` as a ROS robot, as a file would say it. */
export const lineYaml = `
format: jepilot-robot/1
name: line
ros: 2
rate: 50
cameras:
  - name: side
    topic: /camera/image_raw
    type: sensor_msgs/msg/Image
    size: { width: 16, height: 1 }
state:
  - topic: /joint_states
    type: sensor_msgs/JointState
    values:
      - { name: position, joint: slider, scale: 1000, offset: 5 }
action:
  topic: /command
  type: std_msgs/Float64MultiArray
  mode: velocity
  values:
    - { name: velocity, index: 0, minimum: -1, maximum: 1, scale: 1000 }
emergencyStop: { topic: /stop }
`;

export const lineProfile = (change: (yaml: string) => string = (yaml) => yaml): RobotProfile =>
  parseProfile(change(lineYaml), 'line.yaml');

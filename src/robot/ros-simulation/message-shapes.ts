import { z } from 'zod';
import type { RosVersion } from '../ros/types.ts';

const number = z.number();
const numbers = z.array(number);
const vector = z.strictObject({ x: number.optional(), y: number.optional(), z: number.optional() });
const twist = z.strictObject({ linear: vector.optional(), angular: vector.optional() });

const shapesOf = (ros: RosVersion): Readonly<Record<string, z.ZodType>> => {
  const time =
    ros === 1
      ? z.strictObject({ secs: z.int(), nsecs: z.int() })
      : z.strictObject({ sec: z.int(), nanosec: z.int() });
  const head = z.strictObject({
    ...(ros === 1 ? { seq: z.int().optional() } : {}),
    stamp: time.optional(),
    frame_id: z.string().optional(),
  });
  const header = head.optional();
  return {
    'std_msgs/Bool': z.strictObject({ data: z.boolean().optional() }),
    'std_msgs/String': z.strictObject({ data: z.string().optional() }),
    'std_msgs/Float64MultiArray': z.strictObject({
      layout: z.strictObject({ dim: z.array(z.unknown()), data_offset: z.int() }).optional(),
      data: numbers.optional(),
    }),
    'geometry_msgs/Twist': twist,
    'geometry_msgs/TwistStamped': z.strictObject({ header, twist: twist.optional() }),
    'sensor_msgs/JointState': z.strictObject({
      header,
      name: z.array(z.string()).optional(),
      position: numbers.optional(),
      velocity: numbers.optional(),
      effort: numbers.optional(),
    }),
    'trajectory_msgs/JointTrajectory': z.strictObject({
      header,
      joint_names: z.array(z.string()).optional(),
      points: z
        .array(
          z.strictObject({
            positions: numbers.optional(),
            velocities: numbers.optional(),
            accelerations: numbers.optional(),
            effort: numbers.optional(),
            time_from_start: time.optional(),
          }),
        )
        .optional(),
    }),
  };
};

const shapes = { 1: shapesOf(1), 2: shapesOf(2) };

/**
 * What a bridge would say to a message of a type, which it says to its own log only; null where it takes it. Fields
 * may be left out, unknown ones and `null` may not be there, and each version of ROS spells its times its own way.
 */
export function messageFault(ros: RosVersion, type: string, message: unknown): string | null {
  const shape = shapes[ros][type];
  if (!shape) return `unable to import ${type}`;
  const parsed = shape.safeParse(message);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
}

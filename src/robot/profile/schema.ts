import { z } from 'zod';
import { SafetyLimits } from '../../safety/limits.ts';

const seconds = z.number().positive();
const topic = z.string().regex(/^\/[\w/]*\w$/, 'a topic begins with / and has letters, digits and _');

/** ROS 1 spells a type `pkg/Type`, ROS 2 `pkg/msg/Type`; a profile takes both and keeps the short one. */
const shortType = (type: string): string => type.replace('/msg/', '/');

const oneOf = <const T extends readonly [string, ...string[]]>(types: T) =>
  z.string().transform(shortType).pipe(z.enum(types));

/** Between our number and the robot's: wire = scale · value + offset, both ways. Degrees: scale 57.29577951. */
const unit = {
  scale: z
    .number()
    .refine((scale) => scale !== 0, 'scale may not be 0')
    .default(1),
  offset: z.number().default(0),
};

/** Where in a message a number stands: of a joint by its name, by its index in `data`, or at a path of fields. */
const place = {
  joint: z.string().min(1).optional(),
  index: z.int().nonnegative().max(1023).optional(),
  path: z
    .string()
    .regex(/^[a-z]\w*(\.\w+)*$/, 'a path is field names with dots between, such as pose.position.x')
    .optional(),
};

const Size = z.strictObject({ width: z.int().min(1).max(8192), height: z.int().min(1).max(8192) });

/** A camera of the robot, and what of its picture the model is given. */
export const CameraProfile = z.strictObject({
  /** As the model calls it. */
  name: z.string().min(1),
  topic,
  type: oneOf(['sensor_msgs/CompressedImage', 'sensor_msgs/Image']),
  /** Order of the colours in compressed pictures; raw ones say their own encoding. */
  order: z.enum(['rgb', 'bgr']).default('rgb'),
  /** Of the pictures that arrive, where it must be one size; needed with `crop`. */
  source: Size.optional(),
  /** The part that is kept, in pixels of the picture that arrives; all of it by default. */
  crop: Size.extend({ x: z.int().nonnegative(), y: z.int().nonnegative() }).optional(),
  /** What the part is resized to: the model's picture. */
  size: Size,
  /** Seconds after which a picture is too old to plan from. */
  maxAge: seconds.max(0.25).default(0.25),
  /** Seconds from exposure to arrival when nothing is late: what the stamps of an unsynchronised clock can't tell. */
  delay: z.number().nonnegative().max(1).default(0),
});
export type CameraProfile = z.infer<typeof CameraProfile>;

const StateValue = z.strictObject({
  name: z.string().min(1),
  ...place,
  /** Of a `sensor_msgs/JointState`. */
  field: z.enum(['position', 'velocity', 'effort']).default('position'),
  ...unit,
});
export type StateValue = z.infer<typeof StateValue>;

/** A topic that carries numbers of the robot's state. */
export const StateProfile = z.strictObject({
  topic,
  type: z
    .string()
    .regex(/^\w+\/(msg\/)?\w+$/, 'a type is pkg/Type or pkg/msg/Type')
    .transform(shortType),
  values: z.array(StateValue).min(1).max(256),
  maxAge: seconds.max(0.25).default(0.25),
});
export type StateProfile = z.infer<typeof StateProfile>;

const ActionValue = z.strictObject({
  name: z.string().min(1),
  ...place,
  minimum: z.number(),
  maximum: z.number(),
  /** Units per second, at most: of a position its speed (needed), of a velocity its size. */
  speed: z.number().positive().optional(),
  /** Units per second squared, at most. */
  acceleration: z.number().positive().optional(),
  /** Of an effort: units per second, at most. */
  slew: z.number().positive().optional(),
  /** The state value that measures what a position sets (needed), or where a velocity leads. */
  measured: z.string().min(1).optional(),
  /** Where a velocity may lead: the range of `measured`, which it may not leave. */
  range: z.strictObject({ minimum: z.number(), maximum: z.number() }).optional(),
  ...unit,
});
export type ActionValue = z.infer<typeof ActionValue>;

export const actionTypes = [
  'std_msgs/Float64MultiArray',
  'trajectory_msgs/JointTrajectory',
  'sensor_msgs/JointState',
  'geometry_msgs/Twist',
  'geometry_msgs/TwistStamped',
] as const;
export type ActionType = (typeof actionTypes)[number];

export const ActionProfile = z.strictObject({
  topic,
  type: oneOf(actionTypes),
  mode: z.enum(['position', 'velocity', 'effort']),
  values: z.array(ActionValue).min(1).max(64),
  frame: z.string().default(''),
  /** Seconds that a trajectory's point is ahead; one control period by default. */
  timeFromStart: seconds.max(1).optional(),
});
export type ActionProfile = z.infer<typeof ActionProfile>;

/** A robot that is no MuJoCo task: what its topics are, and what their numbers mean. */
export const RobotProfile = z.strictObject({
  format: z.literal('jepilot-robot/1'),
  name: z.string().min(1),
  about: z.string().optional(),
  /** Version of ROS behind the bridge: it decides how types, times and headers are written. */
  ros: z.union([z.literal(1), z.literal(2)]),
  /** Control steps per second. */
  rate: z.number().min(1).max(1000),
  /** Model that plans for it; `--model` wins. */
  model: z.string().min(1).optional(),
  cameras: z.array(CameraProfile).min(1).max(8),
  state: z.array(StateProfile).max(16).default([]),
  action: ActionProfile,
  /** A `std_msgs/Bool` that stops the robot for good when it has this value. */
  emergencyStop: z.strictObject({ topic, stopWhen: z.boolean().default(true) }).optional(),
  /** A service that any bridge answers, if only with a refusal: who does not answer is deaf. */
  heartbeat: z
    .strictObject({ service: topic.default('/rosapi/get_time'), period: seconds.max(0.1).default(0.1) })
    .prefault({}),
  /** The safety envelope; each may only be tighter than it is without. */
  limits: SafetyLimits.partial().prefault({}),
});
export type RobotProfile = z.infer<typeof RobotProfile>;

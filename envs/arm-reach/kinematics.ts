/** A point or direction of the world frame, metres. */
export type Vector = readonly [number, number, number];

interface Row {
  /** Twist about the previous x axis, rad. */
  readonly alpha: number;
  /** Offset along the previous x axis, m. */
  readonly a: number;
  /** Offset along the joint's own axis, m. */
  readonly d: number;
}

const QUARTER = Math.PI / 2;

/** Denavit–Hartenberg rows (Craig's convention) that Franka publishes for the Panda, base to flange: joints 1 to 7. */
export const LINKS: readonly Row[] = [
  { alpha: 0, a: 0, d: 0.333 },
  { alpha: -QUARTER, a: 0, d: 0 },
  { alpha: QUARTER, a: 0, d: 0.316 },
  { alpha: QUARTER, a: 0.0825, d: 0 },
  { alpha: -QUARTER, a: -0.0825, d: 0.384 },
  { alpha: QUARTER, a: 0, d: 0 },
  { alpha: QUARTER, a: 0.088, d: 0 },
];

export const JOINTS = LINKS.map((_, i) => `joint${i + 1}`);

/** Metres from the axis of joint 6 to the flange, along the axis of joint 7. */
export const FLANGE = 0.107;
/** Metres from the flange to the centre of the tip ball. */
export const TOOL = 0.1;

/** Published joint limits [7], rad. */
export const LOWER = [-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973] as const;
export const UPPER = [2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973] as const;

/** Published joint velocity limits [7], rad/s. */
export const PUBLISHED_SPEED = [2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61] as const;

/** Published joint acceleration limits [7], rad/s². */
export const PUBLISHED_ACCELERATION = [15, 7.5, 10, 12.5, 15, 20, 20] as const;

/** A quarter of the published speeds [7], rad/s: what the published accelerations reach from rest in a tenth of a second. */
export const TOP_SPEED: readonly number[] = PUBLISHED_SPEED.map((v) => v / 4);

/** Where the arm is in one configuration. */
export interface Pose {
  /** Origins of the joints' frames, [7], m. */
  readonly origins: readonly Vector[];
  /** Unit axes that the joints turn about, [7]. */
  readonly axes: readonly Vector[];
  readonly tip: Vector;
}

/** Forward kinematics of joint angles [7] (more values, such as a whole `qpos`, are ignored). */
export function pose(q: ArrayLike<number>): Pose {
  const origins: Vector[] = [];
  const axes: Vector[] = [];
  let x: Vector = [1, 0, 0];
  let y: Vector = [0, 1, 0];
  let z: Vector = [0, 0, 1];
  let at: Vector = [0, 0, 0];
  LINKS.forEach(({ alpha, a, d }, i) => {
    at = combine(1, at, a, x);
    [y, z] = turn(alpha, y, z);
    [x, y] = turn(q[i]!, x, y);
    at = combine(1, at, d, z);
    origins.push(at);
    axes.push(z);
  });
  return { origins, axes, tip: combine(1, at, FLANGE + TOOL, z) };
}

/** How the tip moves as each joint turns: columns [7] of the position Jacobian, m/rad. */
export const jacobian = ({ origins, axes, tip }: Pose): readonly Vector[] =>
  axes.map((axis, i) => cross(axis, combine(1, tip, -1, origins[i]!)));

export const gap = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

const combine = (m: number, a: Vector, n: number, b: Vector): Vector => [
  m * a[0] + n * b[0],
  m * a[1] + n * b[1],
  m * a[2] + n * b[2],
];

/** Two axes of a frame after a turn by `angle` about the third. */
const turn = (angle: number, first: Vector, second: Vector): [Vector, Vector] => [
  combine(Math.cos(angle), first, Math.sin(angle), second),
  combine(-Math.sin(angle), first, Math.cos(angle), second),
];

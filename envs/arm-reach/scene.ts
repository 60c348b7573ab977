import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';
import { cross, FLANGE, JOINTS, LINKS, LOWER, TOOL, TOP_SPEED, UPPER, type Vector } from './kinematics.ts';

/** Radius of the tip ball, m. */
export const TIP_RADIUS = 0.038;
const EYE: Vector = [1.68, -1.07, 0.98];
const LOOK_AT: Vector = [0.38, 0.02, 0.345];
const FOVY = 32;

interface Part {
  /** Shape of the link in its joint's frame, as MJCF attributes. */
  readonly shape: string;
  /** Mass, kg: as identified by Gaz et al., IEEE RA-L 2019, rounded. */
  readonly mass: number;
  /** Velocity gain, N m s/rad. */
  readonly gain: number;
}

/** The links, joints 1 to 7: each capsule ends where the next begins, thicker or thinner so that one of them covers the seam. */
const PARTS: readonly Part[] = [
  { shape: 'fromto="0 0 -0.18 0 0 0" size="0.065"', mass: 5, gain: 80 },
  { shape: 'fromto="0 0 0 0 -0.18 0" size="0.06"', mass: 0.65, gain: 80 },
  { shape: 'fromto="0 0 -0.12 0.0825 0 0" size="0.057"', mass: 3.2, gain: 50 },
  { shape: 'fromto="0 0 0 -0.0825 0.13 0" size="0.053"', mass: 3.6, gain: 50 },
  { shape: 'fromto="0 0 -0.25 0 0 0" size="0.048"', mass: 1.2, gain: 12 },
  { shape: 'fromto="0 0 0 0.088 0 0" size="0.052"', mass: 1.7, gain: 12 },
  { shape: `fromto="0 0 0 0 0 ${FLANGE}" size="0.04"`, mass: 0.74, gain: 5 },
];

/** MJCF: a Panda-like arm of capsules, gravity compensated, whose joints follow velocities; seen from the front right. */
export const scene = (v: Variation): string => `
<mujoco model="arm-reach">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="implicitfast" gravity="0 0 0"/>
  <size memory="1M"/>
  <default>
    <geom type="capsule" contype="0" conaffinity="0" condim="1"/>
    <joint axis="0 0 1" limited="true" armature="0.1" solreflimit="0.02 1"/>
    <default class="hand"><geom conaffinity="1"/></default>
  </default>
  <worldbody>
    <camera name="front" pos="${EYE.join(' ')}" xyaxes="${looking(EYE, LOOK_AT)}" fovy="${FOVY}"/>
    <geom name="floor" type="plane" size="3 3 .1" contype="1" rgba="${rgba(v['floorHue']!, 0.25, 0.85)}"/>
    <geom name="base" type="cylinder" size="0.075 0.07" pos="0 0 0.07" rgba="0.25 0.25 0.28 1"/>
    ${arm(v)}
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    ${JOINTS.map((joint, i) => `<velocity name="${joint}" joint="${joint}" kv="${PARTS[i]!.gain * v['gainScale']!}" ctrlrange="${-TOP_SPEED[i]!} ${TOP_SPEED[i]!}"/>`).join('\n    ')}
  </actuator>
</mujoco>`;

/** The bodies of joints 1 to 7, each inside the one before, placed by the Denavit–Hartenberg rows; the hand last. */
const arm = (v: Variation): string =>
  LINKS.reduceRight((inner, { alpha, a, d }, i) => {
    const place = `${a} ${-d * Math.sin(alpha)} ${d * Math.cos(alpha)}`;
    const { shape, mass } = PARTS[i]!;
    return `
    <body name="link${i + 1}" pos="${place}" quat="${Math.cos(alpha / 2)} ${Math.sin(alpha / 2)} 0 0">
      <joint name="${JOINTS[i]!}" range="${LOWER[i]!} ${UPPER[i]!}"/>
      <geom name="link${i + 1}" ${shape} mass="${mass}" rgba="${linkColour(v, i)}"/>${inner}
    </body>`;
  }, hand(v));

/** Two hues, half a turn apart, of different lightness take turns, so that neighbours always differ. */
const linkColour = (v: Variation, i: number): string =>
  i % 2 === 0 ? rgba((v['linkHue']! + 0.5) % 1, 0.9, 0.35) : rgba(v['linkHue']!, 0.95, 0.55);

/**
 * A bar across the flange, turned as Franka mounts its gripper, one half black and one green; the ball marks the tip. The
 * ball is a body of its own: MuJoCo's multi-ray bounds a body of several colliding geoms by a sphere whose offset from the
 * centre of mass it does not turn with the body, so that part of a ball beside the bar would not be seen.
 */
const hand = (v: Variation): string => `
      <body name="hand" pos="0 0 ${FLANGE}" quat="${Math.cos(Math.PI / 8)} 0 0 ${-Math.sin(Math.PI / 8)}">
        <geom name="hand-left" class="hand" type="box" pos="0 0.0375 0.012" size="0.025 0.0375 0.02" mass="0.36" rgba="0.1 0.1 0.1 1"/>
        <geom name="hand-right" class="hand" type="box" pos="0 -0.0375 0.012" size="0.025 0.0375 0.02" mass="0.36" rgba="0.25 0.95 0.45 1"/>
        <body name="tip" pos="0 0 ${TOOL}">
          <geom name="tip" class="hand" type="sphere" size="${TIP_RADIUS}" mass="${0.05 + v['payload']!}" rgba="${rgba(v['tipHue']!, 1, 0.5)}"/>
        </body>
      </body>`;

/** A disc that circles on the floor round the arm and touches nothing. */
const distractor = (): string => `
    <body name="distractor" pos="0.25 0 0.01">
      <joint name="distractor" limited="false" armature="0" damping="0"/>
      <geom name="distractor" type="cylinder" pos="0.38 0 0" size="0.07 0.01" mass="0.1" rgba="0.15 0.7 0.3 1"/>
    </body>`;

/** MJCF `xyaxes` of a camera at `eye` that looks at `at` with the horizon level. */
function looking(eye: Vector, at: Vector): string {
  const back: Vector = [eye[0] - at[0], eye[1] - at[1], eye[2] - at[2]];
  const right = cross([0, 0, 1], back);
  return [...right, ...cross(back, right)].join(' ');
}

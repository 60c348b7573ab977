import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';

/** Half of the area that the fence leaves to the box, along x and y, metres. */
export const FENCE = 0.22;
/** The grasp point (between the finger pads) moves within ±REACH along x and y, and from LOW to HIGH above the table. */
export const REACH = 0.19;
export const LOW = 0.025;
export const HIGH = 0.22;
/** Largest distance of one finger from the middle, metres. */
export const OPEN = 0.05;
/** Top speed of the gripper along each axis, m/s. */
export const TOP_SPEED = 0.3;

/** Half the thickness, width and length of a finger. */
export const FINGER = { x: 0.007, y: 0.011, z: 0.036 } as const;
/** Of the finger's length, this much is below the grasp point. */
export const TIP = 0.013;
const LIP = { half: 0.006, height: 0.008 } as const;
/** The rails of the gantry run beside the table. */
const RAIL = 0.268;
/** Circle on which the distractor slides round on the table. */
const DISTRACTOR_RADIUS = 0.15;
/**
 * The drive along each axis: the default box draws it down by less than 1 mm/s. Once its force is at the bound it is
 * integrated explicitly, so a gain above twice the mass over the time step would chatter.
 */
const DRIVE = { gain: 1500, force: 40, mass: 4 } as const;
/** Newtons per finger (damping: N s/m): a spring closes, dry friction keeps idle fingers still, the drive overcomes both. */
const GRIP = { spring: 2, friction: 3, drive: 12, damping: 30 } as const;

/**
 * MJCF: a gantry's two-finger gripper above a table with a free cube; seen from the front at an angle. Nothing touches
 * anything but the box. The fence is of clear panels that only the box feels, so that fingers can reach round a box
 * that stands at it; the lip shows where it is. The gantry's beam is not drawn, since it would hide the table; its two
 * carriages on the rails show how far back the gripper is.
 */
export function scene(v: Variation): string {
  const gripper = rgba(v['gripperHue']!, 0.9, 0.36);
  return `
<mujoco model="cube">
  <compiler angle="radian"/>
  <option timestep="0.005" integrator="implicitfast" cone="elliptic" impratio="10"/>
  <size memory="2M"/>
  <default>
    <geom contype="0" conaffinity="1" condim="4" solref="0.01 1" friction="${v['friction']!} 0.005 0.0001"/>
    <default class="fence"><geom type="box" rgba="0 0 0 0" condim="1" priority="1"/></default>
    <default class="look"><geom type="box" conaffinity="0" mass="0.05" rgba="${gripper}"/></default>
    <default class="axis"><joint type="slide" armature="${DRIVE.mass}"/></default>
    <default class="finger">
      <geom type="box" size="${FINGER.x} ${FINGER.y} ${FINGER.z}" mass="0.05" friction="2 0.02 0.001" rgba="${gripper}"/>
      <joint type="slide" range="0 ${OPEN}" limited="true" armature="0.1" stiffness="${GRIP.spring}" springref="-1" frictionloss="${GRIP.friction}" solimpfriction="0.999 0.999 0.001" solreffriction="0.01 1"/>
    </default>
  </default>
  <worldbody>
    <camera name="front" pos="0 -0.86 0.9" fovy="28" xyaxes="1 0 0 0 0.69 0.72"/>
    <geom name="floor" type="plane" size="2 2 .1" pos="0 0 -0.03" conaffinity="0" rgba="${rgba(v['tableHue']!, 0.2, 0.45)}"/>
    <geom name="table" type="box" size="0.25 0.25 0.015" pos="0 0 -0.015" rgba="${rgba(v['tableHue']!, 0.3, 0.86)}"/>
    ${border()}
    <geom name="rail-west" class="look" pos="${-RAIL} 0 -0.01" size="0.006 0.25 0.005"/>
    <geom name="rail-east" class="look" pos="${RAIL} 0 -0.01" size="0.006 0.25 0.005"/>
    ${gantry()}
    <body name="box" pos="0 0 ${v['boxSize']! / 2}">
      <freejoint name="box"/>
      <geom name="box" type="box" contype="1" conaffinity="0" size="${`${v['boxSize']! / 2} `.repeat(3)}" mass="${v['boxMass']!}" rgba="${rgba(v['boxHue']!, 0.85, 0.5)}"/>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <equality><joint joint1="left" joint2="right" solref="0.01 1" solimp="0.99 0.999 0.001"/></equality>
  <tendon><fixed name="gap"><joint joint="left" coef="1"/><joint joint="right" coef="1"/></fixed></tendon>
  <actuator>
    ${drive('x')}
    ${drive('y')}
    ${drive('z')}
    <general name="grip" tendon="gap" ctrlrange="-1 1" gainprm="${-GRIP.drive}" biastype="affine" biasprm="0 0 ${-GRIP.damping}"/>
  </actuator>
</mujoco>`;
}

const drive = (axis: string): string =>
  `<velocity name="v${axis}" joint="${axis}" kv="${DRIVE.gain}" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}" forcerange="${-DRIVE.force} ${DRIVE.force}"/>`;

/** Four clear panels for the box, and the lip that shows where they stand. */
function border(): string {
  const side = (name: string, x: number, y: number): string => {
    const at = FENCE + 0.02;
    const lip = FENCE + LIP.half;
    const along = FENCE + 2 * LIP.half;
    const size = (half: number, length: number) => (x === 0 ? `${length} ${half}` : `${half} ${length}`);
    return `
    <geom name="fence-${name}" class="fence" pos="${x * at} ${y * at} 0.25" size="${size(0.02, 0.3)} 0.3"/>
    <geom name="lip-${name}" class="look" pos="${x * lip} ${y * lip} ${LIP.height / 2}" size="${size(LIP.half, along)} ${LIP.height / 2}" rgba="0.3 0.3 0.33 1"/>`;
  };
  return [side('west', -1, 0), side('east', 1, 0), side('south', 0, -1), side('north', 0, 1)].join('');
}

/** Beam (y) with its carriages on the rails, trolley (x), and hand (z) with two coupled fingers that close along x. */
const gantry = (): string => `
    <body name="beam" gravcomp="1">
      <joint name="y" class="axis" axis="0 1 0" range="${-REACH} ${REACH}" limited="true"/>
      <geom name="carriage-west" class="look" pos="${-RAIL} 0 0.008" size="0.018 0.02 0.014"/>
      <geom name="carriage-east" class="look" pos="${RAIL} 0 0.008" size="0.018 0.02 0.014"/>
      <body name="trolley" gravcomp="1">
        <joint name="x" class="axis" axis="1 0 0" range="${-REACH} ${REACH}" limited="true"/>
        <geom name="trolley" type="sphere" size="0.001" mass="0.05" conaffinity="0" rgba="0 0 0 0"/>
        <body name="hand" gravcomp="1">
          <joint name="z" class="axis" axis="0 0 1" range="${LOW} ${HIGH}" limited="true"/>
          <geom name="hand" type="box" pos="0 0 ${2 * FINGER.z - TIP + 0.008}" size="${OPEN + 2 * FINGER.x} ${FINGER.y} 0.008" mass="0.1" rgba="0.2 0.2 0.22 1"/>
          <geom name="post" class="look" pos="0 0 ${2 * FINGER.z - TIP + 0.05}" size="0.006 0.006 0.035" rgba="0.2 0.2 0.22 1"/>
          ${finger('left', -1)}
          ${finger('right', 1)}
        </body>
      </body>
    </body>`;

const finger = (name: string, side: number): string => `
          <body name="${name}" pos="${side * FINGER.x} 0 ${FINGER.z - TIP}" gravcomp="1">
            <joint name="${name}" class="finger" axis="${side} 0 0"/>
            <geom name="${name}" class="finger"/>
          </body>`;

/** A coloured disc that slides round on the table without touching anything. */
const distractor = (): string => `
    <body name="distractor" gravcomp="1">
      <joint name="distractor" type="hinge" axis="0 0 1"/>
      <geom name="distractor" type="cylinder" pos="${DISTRACTOR_RADIUS} 0 0.0015" size="0.025 0.0015" mass="0.1" rgba="0.15 0.7 0.3 1" conaffinity="0"/>
    </body>`;

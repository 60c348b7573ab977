import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';

/** Largest bend of the elbow either way, rad: short of folding back, so that a picture tells one configuration. */
export const ELBOW_LIMIT = 2.6;
const UPPER = 0.22;
const LOWER = 0.2;
const THICK = 0.022;

/** MJCF: a torque-driven arm of two links in a horizontal plane, seen from above. */
export const scene = (v: Variation): string => `
<mujoco model="reacher">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="implicitfast" gravity="0 0 0"/>
  <size memory="1M"/>
  <default>
    <geom contype="0" conaffinity="0"/>
    <joint type="hinge" axis="0 0 1"/>
  </default>
  <worldbody>
    <camera name="top" pos="0 0 1.6" fovy="32"/>
    <geom name="floor" type="plane" size="2 2 .1" rgba="${rgba(v['floorHue']!, 0.25, 0.85)}"/>
    <geom name="base" type="cylinder" size="0.035 0.03" pos="0 0 0.03" rgba="0.25 0.25 0.28 1"/>
    <body name="upper" pos="0 0 0.08">
      <joint name="shoulder" damping="${0.06 * v['damping']!}" frictionloss="${v['friction']!}" armature="0.002"/>
      <geom name="upper" type="capsule" fromto="0 0 0 ${UPPER} 0 0" size="${THICK}" mass="${0.3 * v['mass']!}" rgba="${rgba(v['upperHue']!, 0.75, 0.45)}"/>
      <body name="lower" pos="${UPPER} 0 0.03">
        <joint name="elbow" damping="${0.02 * v['damping']!}" frictionloss="${v['friction']! / 4}" armature="0.001" limited="true" range="${-ELBOW_LIMIT} ${ELBOW_LIMIT}"/>
        <geom name="lower" type="capsule" fromto="0 0 0 ${LOWER} 0 0" size="${THICK * 0.85}" mass="${0.15 * v['mass']!}" rgba="${rgba(v['lowerHue']!, 0.8, 0.5)}"/>
        <geom name="tip" type="sphere" pos="${LOWER} 0 0.02" size="0.03" mass="0.02" rgba="0.95 0.95 0.98 1"/>
      </body>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    <motor name="shoulder" joint="shoulder" gear="0.3" ctrlrange="-1 1"/>
    <motor name="elbow" joint="elbow" gear="0.1" ctrlrange="-1 1"/>
  </actuator>
</mujoco>`;

const distractor = (): string => `
    <body name="distractor" pos="0 0 0.02">
      <joint name="distractor" damping="0"/>
      <geom name="distractor" type="cylinder" pos="0.38 0 0" size="0.04 0.01" mass="0.1" rgba="0.15 0.7 0.3 1"/>
    </body>`;

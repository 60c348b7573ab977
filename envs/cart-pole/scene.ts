import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';
import { dynamicsOf, FORCE, GRAVITY, RAIL } from './dynamics.ts';

/** Half of the cart's width, metres. */
const CART_HALF = 0.24;
/** Half of what the camera sees of the pole's plane, metres: rail, pole and bob fit wherever the cart is. */
const VIEW = 2.4;
/** Far away, so that cart and pole keep together in the picture though one stands behind the other. */
const DISTANCE = 24;
/** Circle on which the distractor goes round, outside of the pole's when the cart is in the middle. */
const DISTRACTOR_RADIUS = 1.75;

const fovy = (2 * Math.atan(VIEW / DISTANCE) * 180) / Math.PI;

/**
 * MJCF: a force-driven cart on a rail with a pole that turns freely about it, seen from the side; 0 is upright in the
 * middle. No geom may collide: `mj_multiRay` misses parts of a turned body that has several geoms that can.
 */
export function scene(v: Variation): string {
  const d = dynamicsOf(v);
  const mass = d.moment / d.poleMass;
  const about = d.inertia - d.moment * mass;
  return `
<mujoco model="cart-pole">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="RK4" gravity="0 0 ${-GRAVITY}"/>
  <size memory="1M"/>
  <default>
    <geom contype="0" conaffinity="0"/>
  </default>
  <worldbody>
    <camera name="side" pos="0 ${-DISTANCE} 0" xyaxes="1 0 0 0 0 1" fovy="${fovy}"/>
    <geom name="floor" type="plane" size="0 0 1" pos="0 4.5 0" zaxis="0 -0.5 0.866" rgba="${rgba(v['floorHue']!, 0.25, 0.88)}"/>
    <geom name="rail" type="box" size="${RAIL + CART_HALF} 0.02 0.04" pos="0 0.2 0" rgba="0.45 0.45 0.48 1"/>
    ${bumper('left', -1)}
    ${bumper('right', 1)}
    <body name="cart">
      <joint name="cart" type="slide" axis="1 0 0" limited="true" range="${-RAIL} ${RAIL}" solreflimit="0.06 1" damping="${d.cartDamping}"/>
      <inertial pos="0 0 0" mass="${d.cartMass}" diaginertia="0.01 0.01 0.01"/>
      <geom name="cart" type="box" size="${CART_HALF} 0.1 0.14" rgba="${rgba(v['cartHue']!, 0.85, 0.5)}"/>
      <body name="pole" pos="0 -0.2 0">
        <joint name="pole" type="hinge" axis="0 1 0" damping="${d.poleDamping}"/>
        <inertial pos="0 0 ${mass}" mass="${d.poleMass}" diaginertia="${about} ${about} 0.0001"/>
        <geom name="pole" type="capsule" fromto="0 0 0 0 0 ${d.length}" size="0.085" rgba="${rgba(v['poleHue']!, 0.95, 0.55)}"/>
        <geom name="bob" type="cylinder" fromto="0 -0.12 ${d.length} 0 -0.1 ${d.length}" size="0.19" rgba="0.08 0.08 0.1 1"/>
      </body>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    <motor name="cart" joint="cart" gear="${FORCE}" ctrlrange="-1 1"/>
  </actuator>
</mujoco>`;
}

const bumper = (name: string, side: number): string =>
  `<geom name="${name}" type="box" size="0.05 0.04 0.16" pos="${side * (RAIL + CART_HALF + 0.05)} 0.2 0" rgba="0.3 0.3 0.33 1"/>`;

/** A disc behind the pole that circles and touches nothing; weightless, so that it goes on at its speed. */
const distractor = (): string => `
    <body name="distractor" pos="0 0.5 0" gravcomp="1">
      <joint name="distractor" type="hinge" axis="0 1 0" damping="0"/>
      <geom name="distractor" type="cylinder" fromto="${DISTRACTOR_RADIUS} -0.01 0 ${DISTRACTOR_RADIUS} 0.01 0" size="0.17" mass="0.1" rgba="0.15 0.7 0.3 1"/>
    </body>`;

import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';

/** Half the side of the square arena, metres. */
export const HALF = 0.5;
/** Top speed of the point mass, m/s. */
export const TOP_SPEED = 0.3;
const WALL = 0.02;
const HEIGHT = 0.05;
/** Circle on which the distractor drives round, about the arena's centre. */
const DISTRACTOR_RADIUS = 0.3;

/** Gap of the dividing wall along y: [low, high], metres. */
export function doorway(v: Variation): readonly [number, number] {
  const half = v['doorWidth']! / 2;
  const centre = Math.min(HALF - half, Math.max(-HALF + half, v['door']!));
  return [centre - half, centre + half];
}

/** MJCF: a velocity-driven point mass in a square that a wall with one doorway divides; seen from above. */
export function scene(v: Variation): string {
  const [low, high] = doorway(v);
  const wall = rgba(v['wallHue']!, 0.35, 0.4);
  return `
<mujoco model="two-room">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="implicitfast" gravity="0 0 0"/>
  <size memory="1M"/>
  <default>
    <geom condim="1" friction="0 0 0"/>
    <default class="wall"><geom type="box" rgba="${wall}"/></default>
    <default class="axis"><joint type="slide" damping="0" frictionloss="${v['friction']!}"/></default>
  </default>
  <worldbody>
    <camera name="top" pos="0 0 2" fovy="30.5"/>
    <geom name="floor" type="plane" size="1 1 .1" rgba="${rgba(v['floorHue']!, 0.25, 0.85)}" contype="0" conaffinity="0"/>
    ${border('west', -HALF - WALL, 0, WALL, HALF + 2 * WALL)}
    ${border('east', HALF + WALL, 0, WALL, HALF + 2 * WALL)}
    ${border('south', 0, -HALF - WALL, HALF, WALL)}
    ${border('north', 0, HALF + WALL, HALF, WALL)}
    ${divider('divider-low', -HALF, low)}
    ${divider('divider-high', high, HALF)}
    ${v['oneWay'] === 0 ? '' : flap(v['oneWay']!, low, high)}
    <body name="agent" pos="0 0 ${v['radius']!}">
      <joint name="x" class="axis" axis="1 0 0"/>
      <joint name="y" class="axis" axis="0 1 0"/>
      <geom name="agent" type="sphere" conaffinity="3" size="${v['radius']!}" mass="${v['mass']!}" rgba="${rgba(v['agentHue']!, 0.85, 0.5)}"/>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    <velocity name="vx" joint="x" kv="20" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}"/>
    <velocity name="vy" joint="y" kv="20" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}"/>
  </actuator>
</mujoco>`;
}

const border = (name: string, x: number, y: number, dx: number, dy: number): string =>
  `<geom name="${name}" class="wall" pos="${x} ${y} ${HEIGHT / 2}" size="${dx} ${dy} ${HEIGHT / 2}"/>`;

const divider = (name: string, from: number, to: number): string =>
  to - from < 1e-3 ? '' : border(name, 0, (from + to) / 2, WALL, (to - from) / 2);

/**
 * A sprung leaf that opens only away from the side that may pass: +1 lets pass towards +x, -1 towards -x. It touches the
 * point mass alone; against the wall its own corner would jam at the hinge.
 */
function flap(direction: number, low: number, high: number): string {
  const half = (high - low) / 2 - 0.004;
  const range = direction > 0 ? '-1.6 0' : '0 1.6';
  return `
    <body name="flap" pos="0 ${low} ${HEIGHT / 2}">
      <joint name="flap" type="hinge" axis="0 0 1" range="${range}" limited="true" solreflimit="0.004 1" stiffness="0.02" damping="0.01"/>
      <geom name="flap" type="box" pos="0 ${half + 0.004} 0" size="0.008 ${half} ${HEIGHT / 2}" mass="0.05" rgba="0.9 0.55 0.1 1" contype="2" conaffinity="0"/>
    </body>`;
}

/** A coloured disc that circles without touching anything. */
const distractor = (): string => `
    <body name="distractor" pos="0 0 0.04">
      <joint name="distractor" type="hinge" axis="0 0 1" damping="0"/>
      <geom name="distractor" type="cylinder" pos="${DISTRACTOR_RADIUS} 0 0" size="0.03 0.01" mass="0.1" rgba="0.15 0.7 0.3 1" contype="0" conaffinity="0"/>
    </body>`;

import { rgba } from '#src/env/colour.js';
import type { Variation } from '#src/env/task.js';
import { chartOf } from './chart.ts';
import { centreOf, HALF, WALL, type Rectangle } from './geometry.ts';

/** Top speed of the point mass along each axis, m/s: a cell in seven control steps. */
export const TOP_SPEED = 0.35;
const HEIGHT = 0.06;
/** Circle on which the distractor drives round, about the arena's centre. */
const DISTRACTOR_RADIUS = 0.3;
/** Far away, so that the picture is nearly a plan: no wall leans over what is beside it. */
const CAMERA_HEIGHT = 8;
/** The arena with its walls is 62 pixels wide, one free on each side: 60 pixels a metre, edges on edges of pixels. */
const FOVY = (2 * Math.atan((HALF + 2 * WALL) / (CAMERA_HEIGHT - HEIGHT)) * 180) / Math.PI;

/** MJCF: a velocity-driven point mass in a maze of 4 × 4 cells; seen from above. */
export function scene(v: Variation): string {
  const [x, y] = centreOf(0);
  return `
<mujoco model="point-maze">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="implicitfast" gravity="0 0 0"/>
  <size memory="1M"/>
  <default>
    <geom condim="1" friction="0 0 0"/>
    <default class="wall"><geom type="box" rgba="${rgba(v['wallHue']!, 0.5, 0.22)}"/></default>
    <default class="axis"><joint type="slide" damping="0" frictionloss="${v['friction']!}"/></default>
  </default>
  <worldbody>
    <camera name="top" pos="0 0 ${CAMERA_HEIGHT}" fovy="${FOVY}"/>
    <geom name="floor" type="plane" size="1 1 .1" rgba="${rgba(v['floorHue']!, 0.3, 0.87)}" contype="0" conaffinity="0"/>
    ${chartOf(v).walls.map(wall).join('\n    ')}
    <body name="agent" pos="${x} ${y} ${v['radius']!}">
      <joint name="x" class="axis" axis="1 0 0" ref="${x}"/>
      <joint name="y" class="axis" axis="0 1 0" ref="${y}"/>
      <geom name="agent" type="sphere" size="${v['radius']!}" mass="${v['mass']!}" rgba="${rgba(v['agentHue']!, 0.95, 0.5)}"/>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    <velocity name="vx" joint="x" kv="20" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}"/>
    <velocity name="vy" joint="y" kv="20" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}"/>
  </actuator>
</mujoco>`;
}

const wall = ({ centre: [x, y], half: [dx, dy] }: Rectangle, i: number): string =>
  `<geom name="wall${i}" class="wall" pos="${x} ${y} ${HEIGHT / 2}" size="${dx} ${dy} ${HEIGHT / 2}"/>`;

/** A coloured disc that circles on the floor, under walls and agent, without touching anything. */
const distractor = (): string => `
    <body name="distractor" pos="0 0 0.002">
      <joint name="distractor" type="hinge" axis="0 0 1" damping="0"/>
      <geom name="distractor" type="cylinder" pos="${DISTRACTOR_RADIUS} 0 0" size="0.035 0.001" mass="0.1" rgba="0.15 0.7 0.3 1" contype="0" conaffinity="0"/>
    </body>`;

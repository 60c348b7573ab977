import { rgba } from '#src/env/colour.js';
import type { Physics } from '#src/env/physics.js';
import type { Variation } from '#src/env/task.js';
import { shapeOf, type Point, type Pose, type Shape } from './shape.ts';

/** Side of the square table, metres. */
export const SIDE = 1;
/** The pusher's centre stays within this of the table's centre along each axis, metres. */
export const PUSHER_REACH = SIDE / 2;
/** So does the T's centre within this: however the T is turned, the pusher fits between it and its own border. */
export const BLOCK_REACH = 0.26;
/** Top speed of the pusher along each axis, m/s. */
export const TOP_SPEED = 0.4;
/** Seconds per control step. */
export const CONTROL_PERIOD = 0.1;
/** Friction coefficient between pusher and T. */
export const GRIP = 0.3;
const HEIGHT = 0.06;
const MASS = 0.1;
/** Resistance of the table: mostly viscous, so that it is the same in all directions; dry enough to bring the T to rest. */
const DAMPING = 3;
const DRY = 0.1;
const CAMERA_HEIGHT = 3;
/** Half the side of what the camera sees at table level, metres. */
const VIEW = 0.54;

/** What the joints say. */
export interface Layout {
  readonly pusher: Point;
  readonly block: Pose;
}

export const layoutOf = (physics: Physics): Layout => ({
  pusher: [physics.joint('pusherX').position, physics.joint('pusherY').position],
  block: {
    x: physics.joint('blockX').position,
    y: physics.joint('blockY').position,
    angle: physics.joint('blockAngle').position,
  },
});

/** The layout of a configuration [nq]. */
export function layoutIn(configuration: Float64Array, physics: Physics): Layout {
  const of = (joint: string): number => configuration[physics.index(joint)] ?? NaN;
  return {
    pusher: [of('pusherX'), of('pusherY')],
    block: { x: of('blockX'), y: of('blockY'), angle: of('blockAngle') },
  };
}

/** MJCF: a T that slides and turns on a table, and a velocity-driven round pusher; seen from above. */
export function scene(v: Variation): string {
  const shape = shapeOf(v);
  const radius = v['pusherRadius']!;
  const fovy = (360 / Math.PI) * Math.atan(VIEW / CAMERA_HEIGHT);
  return `
<mujoco model="push-t">
  <compiler angle="radian"/>
  <option timestep="0.005" integrator="implicitfast" gravity="0 0 0" cone="elliptic"/>
  <size memory="1M"/>
  <default>
    <geom contype="0" conaffinity="0" condim="3" friction="${GRIP} 0 0" solref="0.01 1" solimp="0.95 0.99 0.001"/>
    <joint limited="true" solreflimit="0.01 1"/>
  </default>
  <worldbody>
    <camera name="top" pos="0 0 ${CAMERA_HEIGHT}" fovy="${fovy}"/>
    <geom name="floor" type="plane" size="2 2 .1" rgba="${rgba(v['floorHue']!, 0.25, 0.85)}"/>
    ${block(shape, v)}
    <body name="pusher" pos="0 0 ${HEIGHT / 2}">
      <joint name="pusherX" type="slide" axis="1 0 0" range="${-PUSHER_REACH} ${PUSHER_REACH}"/>
      <joint name="pusherY" type="slide" axis="0 1 0" range="${-PUSHER_REACH} ${PUSHER_REACH}"/>
      <geom name="pusher" type="sphere" contype="1" size="${radius}" mass="0.2" rgba="${rgba(v['pusherHue']!, 0.9, 0.5)}"/>
    </body>
    ${v['distractor'] === 0 ? '' : distractor()}
  </worldbody>
  <actuator>
    <velocity name="vx" joint="pusherX" kv="100" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}" forcerange="-12 12"/>
    <velocity name="vy" joint="pusherY" kv="100" ctrlrange="${-TOP_SPEED} ${TOP_SPEED}" forcerange="-12 12"/>
  </actuator>
</mujoco>`;
}

function block(shape: Shape, v: Variation): string {
  const { bar, stem, gyration } = shape;
  const rub = v['blockFriction']!;
  const hue = v['blockHue']!;
  const mass = MASS * v['blockMass']!;
  const share = bar.halfX / (bar.halfX + stem.halfY);
  const slide = `type="slide" range="${-BLOCK_REACH} ${BLOCK_REACH}" damping="${DAMPING * rub}" frictionloss="${DRY * rub}"`;
  const hinge = `type="hinge" axis="0 0 1" limited="false" damping="${DAMPING * rub * gyration ** 2}" frictionloss="${DRY * rub * gyration}"`;
  return `
    <body name="block" pos="0 0 ${HEIGHT / 2}">
      <joint name="blockX" axis="1 0 0" ${slide}/>
      <joint name="blockY" axis="0 1 0" ${slide}/>
      <joint name="blockAngle" ${hinge}/>
      <geom name="bar" type="box" conaffinity="1" pos="0 ${bar.y} 0" size="${bar.halfX} ${bar.halfY} ${HEIGHT / 2}" mass="${mass * share}" rgba="${rgba(hue, 0.8, 0.32)}"/>
      <geom name="stem" type="box" conaffinity="1" pos="0 ${stem.y} 0" size="${stem.halfX} ${stem.halfY} ${HEIGHT / 2}" mass="${mass * (1 - share)}" rgba="${rgba(hue, 0.8, 0.5)}"/>
    </body>`;
}

/** A flat coloured disc that circles under everything else, so that it hides nothing and touches nothing. */
const distractor = (): string => `
    <body name="distractor" pos="0 0 0.002">
      <joint name="distractor" type="hinge" axis="0 0 1" limited="false"/>
      <geom name="distractor" type="cylinder" pos="0.36 0 0" size="0.04 0.001" mass="0.1" rgba="0.15 0.7 0.3 1"/>
    </body>`;

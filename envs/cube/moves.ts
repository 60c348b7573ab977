import type { Point } from './pose.ts';
import { TOP_SPEED } from './scene.ts';

/** Share of the way that one control step goes, per second: 0.7 of it in 0.1 s. */
const GAIN = 7;

/** The action with its four numbers within their bounds. */
export const command = (vx: number, vy: number, vz: number, grip: number): Float32Array =>
  Float32Array.of(clip(vx, TOP_SPEED), clip(vy, TOP_SPEED), clip(vz, TOP_SPEED), clip(grip, 1));

/** Moves the gripper from one point towards another, each axis at `speed` at most. */
export const towards = (from: Point, to: Point, grip: number, speed: number): Float32Array =>
  command(
    clip(GAIN * (to[0] - from[0]), speed),
    clip(GAIN * (to[1] - from[1]), speed),
    clip(GAIN * (to[2] - from[2]), speed),
    grip,
  );

const clip = (value: number, bound: number): number => Math.min(bound, Math.max(-bound, value));

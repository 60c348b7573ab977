import { cube } from '#envs/cube/task.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import type { Variation } from '#src/env/task.js';
import { variationOf } from '#src/env/variation.js';

export type Numbers = readonly number[];

export const DEFAULTS = variationOf(cube, {});

/** The task's scene; dispose it. */
export const open = async (v: Variation = DEFAULTS) => new Physics(await mujoco(), cube.scene(v));

/** The same action for some control steps. */
export const play = (physics: Physics, action: Numbers, steps: number): void => {
  for (let i = 0; i < steps; i++) stepTask(cube, physics, Float32Array.from(action));
};

export interface Scene {
  gripper?: Numbers;
  opening?: number;
  box?: Numbers;
  yaw?: number;
}

/** A configuration: by default the gripper high in the middle, half open, and the box on the table at the side. */
export function place(
  physics: Physics,
  { gripper = [0, 0, 0.2], opening = 0.03, box = [0.15, 0.15, 0.03], yaw = 0 }: Scene,
) {
  const q = physics.qpos();
  ['x', 'y', 'z'].forEach((axis, i) => (q[physics.index(axis)] = gripper[i]!));
  q[physics.index('left')] = q[physics.index('right')] = opening;
  q.set([...box, Math.cos(yaw / 2), 0, 0, Math.sin(yaw / 2)], physics.index('box'));
  physics.setConfiguration(q);
  return q;
}

/** Box and gripper as one thing, at a point. */
export const inHand = (x: number, y: number, z: number): Scene => ({
  gripper: [x, y, z],
  opening: 0.0297,
  box: [x, y, z],
});

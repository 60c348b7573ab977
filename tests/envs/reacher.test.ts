import { describe, expect, it } from 'vitest';
import { ELBOW_LIMIT } from '#envs/reacher/scene.js';
import { reacher } from '#envs/reacher/task.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';

const open = async () => new Physics(await mujoco(), reacher.scene(variationOf(reacher, {})));

describe('reacher', () => {
  it('stays where it is put, anywhere within the elbow’s limits', async () => {
    using physics = await open();
    for (const elbow of [-2.4, -1, 0, 1, 2.4]) {
      physics.setConfiguration(Float64Array.of(0.3, elbow));
      for (let i = 0; i < 25; i++) stepTask(reacher, physics, new Float32Array(2));
      expect(physics.joint('elbow').position).toBeCloseTo(elbow, 6);
    }
  });

  it('bends to its limit and no further', async () => {
    using physics = await open();
    physics.setConfiguration(new Float64Array(2));
    for (let i = 0; i < 100; i++) stepTask(reacher, physics, Float32Array.of(0, 1));
    expect(physics.joint('elbow').position).toBeGreaterThan(ELBOW_LIMIT - 0.1);
    expect(physics.joint('elbow').position).toBeLessThan(ELBOW_LIMIT + 0.1);
  });

  it('has momentum: it coasts on when the torque ends', async () => {
    using physics = await open();
    physics.setConfiguration(new Float64Array(2));
    for (let i = 0; i < 10; i++) stepTask(reacher, physics, Float32Array.of(1, 0));
    const { position, velocity } = physics.joint('shoulder');
    expect(velocity).toBeGreaterThan(1);
    stepTask(reacher, physics, new Float32Array(2));
    expect(physics.joint('shoulder').position).toBeGreaterThan(position + 0.02);
  });

  it('takes a whole turn of the shoulder for no distance', async () => {
    using physics = await open();
    physics.setConfiguration(Float64Array.of(2 * Math.PI + 0.01, 0.5));
    expect(reacher.success(physics, Float64Array.of(0, 0.5))).toBe(true);
    expect(reacher.success(physics, Float64Array.of(0, 0.56))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { twoRoom } from '#envs/two-room/task.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';

/** Where a point mass ends along x that starts at (x, y) and is driven along x for `steps` control steps. */
async function drive(
  changed: Record<string, number>,
  x: number,
  y: number,
  speed: number,
  steps = 40,
): Promise<number> {
  const variation = variationOf(twoRoom, changed);
  using physics = new Physics(await mujoco(), twoRoom.scene(variation));
  const q = physics.qpos();
  q[physics.index('x')] = x;
  q[physics.index('y')] = y;
  physics.setConfiguration(q);
  for (let i = 0; i < steps; i++) stepTask(twoRoom, physics, Float32Array.of(speed, 0));
  return physics.joint('x').position;
}

describe('two-room', () => {
  it('lets pass through the doorway both ways, and nowhere else', async () => {
    expect(await drive({}, -0.3, 0, 0.3)).toBeGreaterThan(0.3);
    expect(await drive({}, 0.3, 0, -0.3)).toBeLessThan(-0.3);
    expect(await drive({}, -0.3, 0.3, 0.3)).toBeLessThan(0);
    expect(await drive({ door: 0.3 }, -0.3, 0.3, 0.3)).toBeGreaterThan(0.3);
  });

  it.each([1, -1])('with oneWay=%i lets pass in that direction only', async (oneWay) => {
    expect(oneWay * (await drive({ oneWay }, -0.3 * oneWay, 0, 0.3 * oneWay, 80))).toBeGreaterThan(0.2);
    expect(oneWay * (await drive({ oneWay }, 0.3 * oneWay, 0, -0.3 * oneWay, 80))).toBeGreaterThan(0);
  });

  it('is slower to follow when heavier, and sticks when rubbed', async () => {
    const light = await drive({ mass: 0.25 }, -0.4, 0.3, 0.3, 1);
    const heavy = await drive({ mass: 4 }, -0.4, 0.3, 0.3, 1);
    expect(heavy).toBeLessThan(light);
    expect(await drive({ friction: 2 }, -0.4, 0.3, 0.09, 20)).toBeCloseTo(-0.4, 2);
  });

  it('moves the distractor without touching the point mass', async () => {
    const variation = variationOf(twoRoom, { distractor: 1 });
    using physics = new Physics(await mujoco(), twoRoom.scene(variation));
    physics.setConfiguration(physics.qpos());
    physics.setJoint('distractor', 0, 1);
    for (let i = 0; i < 50; i++) stepTask(twoRoom, physics, new Float32Array(2));
    expect(physics.joint('distractor').position).toBeGreaterThan(2);
    expect(physics.joint('x').position).toBeCloseTo(0, 9);
  });
});

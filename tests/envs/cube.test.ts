import { describe, expect, it } from 'vitest';
import { poseOf } from '#envs/cube/pose.js';
import { FENCE, OPEN } from '#envs/cube/scene.js';
import { cube } from '#envs/cube/task.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';
import { DEFAULTS, inHand, open, place, play } from './cube-scenes.ts';

describe('cube: gripper', () => {
  it.each([
    [[0.3, 0, 0, 0], 'x'],
    [[0, -0.3, 0, 0], 'y'],
    [[0, 0, -0.3, 0], 'z'],
  ] as const)('follows the velocity %j along %s alone', async (action, axis) => {
    using physics = await open();
    place(physics, {});
    const from = poseOf(physics).gripper;
    play(physics, action, 4);
    poseOf(physics).gripper.forEach((at, i) => {
      expect(at - from[i]!, axis).toBeCloseTo(0.4 * action[i]!, 1.7);
      if (action[i] === 0) expect(at).toBeCloseTo(from[i]!, 4);
    });
  });

  it('opens and closes both fingers alike, within a second', async () => {
    using physics = await open();
    place(physics, {});
    for (const [grip, opening] of [
      [-1, OPEN],
      [1, 0],
    ] as const) {
      play(physics, [0, 0, 0, grip], 5);
      expect(physics.joint('left').position).toBeCloseTo(physics.joint('right').position, 4);
      expect(Math.abs(poseOf(physics).opening - opening)).toBeLessThan(0.003);
    }
  });

  it('stays where it is, fingers included, when nothing is commanded', async () => {
    using physics = await open();
    place(physics, { opening: 0.04 });
    play(physics, [0, 0, 0, 0], 50);
    expect(poseOf(physics).opening).toBeCloseTo(0.04, 2.7);
    expect(poseOf(physics).gripper[2]).toBeCloseTo(0.2, 3);
  });

  it.each([
    ['closing', {}, 1],
    ['idle', {}, 0],
    ['closing, heavy and slippery', { boxMass: 0.25, friction: 0.25 }, 1],
    ['idle, heavy and slippery', { boxMass: 0.25, friction: 0.25, boxSize: 0.05 }, 0],
  ])('holds a lifted box for 5 s without a slip: %s', async (_name, changed, grip) => {
    using physics = await open(variationOf(cube, changed));
    place(physics, { gripper: [0, 0, 0.03], box: [0, 0, 0.03], opening: 0.04 });
    play(physics, [0, 0, 0, 1], 4);
    play(physics, [0, 0, 0.3, 1], 4);
    const slip = () => poseOf(physics).box[2] - poseOf(physics).gripper[2];
    const before = slip();
    expect(poseOf(physics).box[2]).toBeGreaterThan(0.1);
    play(physics, [0, 0, 0, grip], 50);
    expect(Math.abs(slip() - before)).toBeLessThan(0.003);
    expect(poseOf(physics).box[2]).toBeGreaterThan(0.1);
  });

  it('keeps the box through hard reversals and drops it when it opens', async () => {
    using physics = await open();
    place(physics, inHand(0, 0, 0.15));
    for (let i = 0; i < 10; i++) play(physics, [0.3 * (-1) ** i, 0.3 * (-1) ** (i >> 1), 0, 1], 2);
    expect(poseOf(physics).box[2]).toBeGreaterThan(0.13);
    play(physics, [0, 0, 0, -1], 6);
    expect(poseOf(physics).box[2]).toBeCloseTo(0.03, 2);
  });
});

describe('cube: box', () => {
  it.each([
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ])('stops at the fence when pushed towards (%i, %i)', async (dx, dy) => {
    using physics = await open();
    place(physics, { gripper: [0, 0, 0.035], opening: 0, box: [0.06 * dx, 0.06 * dy, 0.03] });
    play(physics, [0.3 * dx, 0.3 * dy, 0, 1], 12);
    const [x, y] = poseOf(physics).box;
    expect(Math.max(Math.abs(x), Math.abs(y))).toBeGreaterThan(0.15);
    expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(FENCE - 0.02);
    expect(cube.legal!(physics.qpos(), physics, DEFAULTS)).toBe(true);
  });

  it('can be fetched from every corner', async () => {
    using physics = await open();
    for (const [x, y] of [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ] as const) {
      const goal = place(physics, inHand(0, 0, 0.15));
      place(physics, { box: [0.189 * x, 0.189 * y, 0.03] });
      const expert = cube.expert!(DEFAULTS, goal, rngOf('corner'));
      for (let i = 0; i < 40 && !cube.success(physics, goal); i++)
        stepTask(cube, physics, expert.act(physics));
      expect(cube.success(physics, goal), `${x} ${y}`).toBe(true);
    }
  });

  it('is not moved by the distractor, which passes through it', async () => {
    const v = variationOf(cube, { distractor: 1 });
    using physics = await open(v);
    place(physics, { box: [0.15, 0, 0.03] });
    physics.setJoint('distractor', -1, 2);
    play(physics, [0, 0, 0, 0], 10);
    expect(physics.joint('distractor').position).toBeGreaterThan(0.5);
    expect(poseOf(physics).box[0]).toBeCloseTo(0.15, 3);
  });

  it('looks the same after a quarter turn, in the state too', async () => {
    using physics = await open();
    place(physics, { yaw: 0.3 });
    const state = cube.observe(physics);
    place(physics, { yaw: 0.3 + Math.PI / 2 });
    cube.observe(physics).forEach((value, i) => {
      expect(value, cube.stateNames[i]).toBeCloseTo(state[i]!, 5);
    });
    place(physics, { yaw: 0.8 });
    expect(cube.observe(physics)[7]).toBeCloseTo(Math.cos(3.2), 5);
  });
});

import { describe, expect, it } from 'vitest';
import { held, resting } from '#envs/cube/configurations.js';
import { between, boxAt, poseOf } from '#envs/cube/pose.js';
import { pusher } from '#envs/cube/pusher.js';
import { HIGH, LOW, REACH } from '#envs/cube/scene.js';
import { cube } from '#envs/cube/task.js';
import { drawEpisode } from '#src/env/episode.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { Stage } from '#src/env/stage.js';
import { stepTask } from '#src/env/step-task.js';
import type { Behaviour } from '#src/env/task.js';
import { rngOf, type Rng } from '#src/rng.js';
import { DEFAULTS, inHand, type Numbers, open, place, play, type Scene } from './cube-scenes.ts';

describe('cube: rules', () => {
  it('counts the place of the box in space, and nothing else', async () => {
    using physics = await open();
    const goal = place(physics, inHand(0.05, 0.05, 0.12));
    place(physics, { gripper: [-0.1, -0.1, 0.2], box: [0.05, 0.05, 0.12], yaw: 0.7 });
    expect(cube.distance(physics, goal)).toBeCloseTo(0, 9);
    for (const axis of [0, 1, 2]) {
      const box = (by: number) => [0.05, 0.05, 0.12].map((value, i) => value + (i === axis ? by : 0));
      place(physics, { box: box(0.035) });
      expect(cube.success(physics, goal)).toBe(true);
      place(physics, { box: box(0.045) });
      expect(cube.success(physics, goal)).toBe(false);
      expect(cube.distance(physics, goal)).toBeCloseTo(0.045, 9);
    }
  });

  it('forbids a box beyond the fence, above reach or under the table', async () => {
    using physics = await open();
    const legal = (box: Numbers) => cube.legal!(place(physics, { box }), physics, DEFAULTS);
    expect(legal([0.18, -0.18, 0.03])).toBe(true);
    for (const box of [
      [0.23, 0, 0.03],
      [0, -0.23, 0.03],
      [0, 0, 0.4],
      [0, 0, -0.1],
    ])
      expect(legal(box), String(box)).toBe(false);
  });

  it('costs less the nearer the gripper comes to the box, and the nearer the box to the goal', async () => {
    using physics = await open();
    const goal = place(physics, inHand(0, 0, 0.15));
    const cost = (scene: Scene) => {
      place(physics, scene);
      return cube.costToGo!(physics, goal, DEFAULTS);
    };
    const box = [0.1, 0, 0.03];
    const course = [
      { gripper: [-0.1, 0, 0.2], opening: 0.05, box },
      { gripper: [0.1, 0, 0.1], opening: 0.05, box },
      { gripper: [0.1, 0, 0.03], opening: 0.05, box },
      { gripper: [0.1, 0, 0.03], opening: 0.03, box },
      inHand(0.1, 0, 0.1),
      inHand(0, 0, 0.15),
    ].map(cost);
    expect(course).toEqual([...course].sort((a, b) => b - a));
    expect(cost({ gripper: [0.1, 0, 0.1], opening: 0, box })).toBeGreaterThan(course[1]!);
  });

  it('draws far pairs whose box starts on the table and whose goals are half in the air', async () => {
    using physics = await open();
    const far = cube.tracks.find(({ name }) => name === 'far')!;
    let lifted = 0;
    for (let seed = 0; seed < 40; seed++) {
      const goal = drawEpisode(cube, far, physics, DEFAULTS, rngOf('far', seed));
      expect(boxAt(physics.qpos(), physics)[2]).toBeCloseTo(0.03, 6);
      expect(cube.distance(physics, goal)).toBeGreaterThan(0.1);
      physics.setConfiguration(goal);
      const [, , z] = boxAt(goal, physics);
      if (z > 0.08) lifted += 1;
      play(physics, [0, 0, 0, 0], 5);
      expect(cube.distance(physics, goal), `goal ${seed} stays`).toBeLessThan(0.005);
    }
    expect(lifted).toBeGreaterThan(10);
    expect(lifted).toBeLessThan(30);
  });
});

describe('cube: policies', () => {
  it.each(['far', 'compat'])('the expert solves %s', async (name) => {
    using physics = await open();
    const track = cube.tracks.find((t) => t.name === name)!;
    for (let seed = 0; seed < 10; seed++) {
      const goal = drawEpisode(cube, track, physics, DEFAULTS, rngOf('expert', name, seed));
      const expert = cube.expert!(DEFAULTS, goal, rngOf('expert'));
      let steps = 0;
      while (!cube.success(physics, goal) && ++steps <= track.budget)
        stepTask(cube, physics, expert.act(physics));
      expect(steps, `seed ${seed}`).toBeLessThanOrEqual(track.budget);
      // It leaves the box there, or holds it there.
      for (let i = 0; i < 10; i++) stepTask(cube, physics, expert.act(physics));
      expect(cube.success(physics, goal), `seed ${seed} stays`).toBe(true);
    }
  });

  /** Shares of stretches of 25 steps in which the box moves by more than 0.04 m, and of frames in which it is lifted. */
  function coverage(physics: Physics, behaviour: (rng: Rng) => Behaviour, episodes: number) {
    const seen = { windows: 0, moved: 0, frames: 0, lifted: 0 };
    for (let episode = 0; episode < episodes; episode++) {
      const rng = rngOf('coverage', episode);
      cube.initialize(physics, DEFAULTS, rng);
      const policy = behaviour(rng);
      const way = Array.from({ length: 75 }, () => {
        stepTask(cube, physics, policy.act(physics));
        return poseOf(physics).box;
      });
      expect(cube.legal!(physics.qpos(), physics, DEFAULTS), `episode ${episode}`).toBe(true);
      const moves = way.slice(25).map((at, t) => between(at, way[t]!));
      seen.frames += way.length;
      seen.windows += moves.length;
      seen.lifted += way.filter((at) => at[2] > 0.045).length;
      seen.moved += moves.filter((distance) => distance > 0.04).length;
    }
    return { moved: seen.moved / seen.windows, lifted: seen.lifted / seen.frames };
  }

  it('the behaviour moves the box in most stretches of 25 steps, lifts it often, and loses it never', async () => {
    using physics = await open();
    const { moved, lifted } = coverage(physics, (rng) => cube.behaviour(DEFAULTS, rng), 16);
    expect(moved).toBeGreaterThan(0.55);
    expect(lifted).toBeGreaterThan(0.25);
  });

  it('the pusher moves the box along the table, corners included', async () => {
    using physics = await open();
    const { moved, lifted } = coverage(physics, (rng) => pusher(0.06, 0.3, rng), 6);
    expect(moved).toBeGreaterThan(0.7);
    expect(lifted).toBeLessThan(0.15);
  });
});

describe('cube: scenes', () => {
  const differing = (a: Uint8Array, b: Uint8Array) =>
    a.filter((value, i) => Math.abs(value - b[i]!) > 30).length / 3;

  it('shows a box that is off by the tolerance, whichever way, near and far', async () => {
    using stage = new Stage(await mujoco(), cube, DEFAULTS);
    const picture = (scene: Scene) => {
      place(stage.physics, scene);
      return stage.images()['front']!.data;
    };
    for (const [x, y, z] of [
      [0, 0.15, 0.1],
      [0, -0.15, 0.1],
    ] as const) {
      const here = picture(inHand(x, y, z));
      for (const [dx, dy, dz] of [
        [0.04, 0, 0],
        [0, 0.04, 0],
        [0, 0, 0.04],
      ] as const)
        expect(differing(here, picture(inHand(x + dx, y + dy, z + dz)))).toBeGreaterThan(30);
    }
  });

  it('shows the box wherever it is held or lies', async () => {
    using stage = new Stage(await mujoco(), cube, DEFAULTS);
    const { physics, cameras } = stage;
    const box = physics.mj.mj_name2id(physics.model, physics.mj.mjtObj.mjOBJ_GEOM.value, 'box');
    for (let seed = 0; seed < 12; seed++) {
      for (const draw of [held, resting]) {
        physics.setConfiguration(draw(physics, DEFAULTS, rngOf('seen', seed)));
        const pixels = cameras[0]!.segmentation().filter((geom) => geom === box).length;
        expect(pixels, `${draw.name} ${seed}`).toBeGreaterThan(18);
      }
    }
  });

  it('draws scenes within reach in which nothing is in the way of anything', async () => {
    using physics = await open();
    for (let seed = 0; seed < 50; seed++) {
      for (const draw of [held, resting]) {
        physics.setConfiguration(draw(physics, DEFAULTS, rngOf('reach', seed)));
        const { gripper } = poseOf(physics);
        expect(Math.max(Math.abs(gripper[0]), Math.abs(gripper[1]))).toBeLessThanOrEqual(REACH);
        expect(gripper[2]).toBeGreaterThanOrEqual(LOW);
        expect(gripper[2]).toBeLessThanOrEqual(HIGH);
        const { box } = poseOf(physics);
        play(physics, [0, 0, 0, 0], 1);
        expect(between(poseOf(physics).box, box), `${draw.name} ${seed} stays`).toBeLessThan(0.001);
      }
    }
  });
});

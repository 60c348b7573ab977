import { describe, expect, it } from 'vitest';
import { motionOf, RAIL } from '#envs/cart-pole/dynamics.js';
import { cartPole } from '#envs/cart-pole/task.js';
import { drawEpisode } from '#src/env/episode.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

type Factors = Readonly<Record<string, number>>;

const open = async (changed: Factors = {}) =>
  new Physics(await mujoco(), cartPole.scene(variationOf(cartPole, changed)));

describe('cart-pole: solving and collecting', () => {
  it.each(cartPole.tracks.map((track) => track.name))('is solved by the expert on track %s', async (name) => {
    const track = cartPole.tracks.find((t) => t.name === name)!;
    for (const changed of [
      {},
      { poleLength: 1.2, poleMass: 2 },
      { poleLength: 0.8, cartMass: 0.6 },
    ] as Factors[]) {
      const variation = variationOf(cartPole, changed);
      using physics = await open(changed);
      for (let seed = 1_900_000; seed < 1_900_008; seed++) {
        const goal = drawEpisode(cartPole, track, physics, variation, rngOf('test', name, seed));
        const expert = cartPole.expert!(variation, goal, rngOf('expert', seed));
        let held = 0;
        for (let step = 0; step < track.budget && held < track.hold!; step++) {
          stepTask(cartPole, physics, expert.act(physics));
          held = cartPole.success(physics, goal) ? held + 1 : 0;
        }
        expect(held, `${JSON.stringify(changed)} ${seed}`).toBe(track.hold);
      }
    }
  });

  it('starts hanging at rest on track hang, and in motion at any angle on the standard one', async () => {
    using physics = await open();
    const variation = variationOf(cartPole, {});
    const starts = (index: number) =>
      Array.from({ length: 40 }, (_, seed) => {
        drawEpisode(cartPole, cartPole.tracks[index]!, physics, variation, rngOf('starts', seed));
        return motionOf(physics);
      });
    for (const { angle, rate, cart } of starts(1)) {
      expect(Math.PI - Math.abs(angle)).toBeLessThan(0.11);
      expect(rate).toBe(0);
      expect(Math.abs(cart)).toBeLessThan(0.11);
    }
    const moving = starts(0);
    expect(Math.max(...moving.map((m) => m.rate))).toBeGreaterThan(3);
    expect(Math.min(...moving.map((m) => m.rate))).toBeLessThan(-3);
    expect(moving.filter((m) => Math.abs(m.angle) < Math.PI / 2).length).toBeGreaterThan(8);
  });

  it('collects the whole circle, a good part of it upright, all pushes, and few hits of the rail’s ends', async () => {
    using physics = await open();
    const variation = variationOf(cartPole, {});
    const sectors = new Set<number>();
    const pushes = new Set<number>();
    let [frames, upright, still, hits] = [0, 0, 0, 0];
    for (let episode = 0; episode < 100; episode++) {
      cartPole.initialize(physics, variation, rngOf('start', episode));
      const behaviour = cartPole.behaviour(variation, rngOf('behaviour', episode));
      for (let step = 0; step < 100; step++) {
        const action = behaviour.act(physics);
        const { angle, rate, cart } = motionOf(physics);
        const near = Math.abs(angle) < 0.3;
        frames += 1;
        upright += Number(near);
        still += Number(near && Math.abs(rate) < 0.5);
        hits += Number(Math.abs(cart) > RAIL);
        sectors.add(Math.floor((12 * (angle + Math.PI)) / (2 * Math.PI)));
        if (near) pushes.add(Math.round(2 * action[0]!));
        stepTask(cartPole, physics, action);
      }
    }
    expect(sectors.size).toBeGreaterThanOrEqual(12);
    expect([...pushes].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect(upright / frames).toBeGreaterThan(0.18);
    expect(still / upright).toBeGreaterThan(0.4);
    expect(hits / frames).toBeLessThan(0.05);
  });
});

import { describe, expect, it } from 'vitest';
import { icem } from '#policies/icem.js';
import { distance, imaginedWay } from '#policies/imagined-tree.js';
import { movesOf } from '#policies/moves.js';
import { roadmap, roadmapDefaults } from '#policies/roadmap.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import type { Policy } from '#src/planning/policy.js';
import { rngOf } from '#src/rng.js';
import { slice, tensor, zeros } from '#src/tensor.js';
import type { WorldModel } from '#src/world-model/world-model.js';
import { linearManifest, LinearWorldModel, seen } from '../fakes/linear-world-model.js';
import { blocked, WalledWorldModel } from '../fakes/walled-world-model.js';
import { drive } from '../planning/drive.js';

const settings = { horizon: 4, samples: 64, elites: 8, objective: { kind: 'metric', over: 'sum' } } as const;
const wall = { half: 3 };
const goal = { kind: 'observation', value: seen(0, 2, 0) } as const;
const open = (model: WorldModel = new WalledWorldModel(wall)) =>
  roadmap.create({ model, planner: icem, settings, now: () => 0 });
const left = ([x, y]: readonly [number, number]): number => Math.hypot(x - 2, y);
const pointAt = (x: number, y: number) => tensor([1, 2], Float32Array.of(x, y));
const { minimum, maximum, dim } = linearManifest().action;
const actionSpec = { dim, minimum, maximum, names: [], mode: 'velocity' } as const;
const unhurried = { now: () => 0, deadline: Infinity };
const wayOf = (model: WorldModel, change: Partial<typeof roadmapDefaults> = {}) =>
  imaginedWay(
    { ...roadmapDefaults, ...change },
    { model, actionSpec, latent: pointAt(0, 0), goal: pointAt(2, 0), rng: rngOf('way'), ...unhurried },
  );

/** Plays a policy in the world with the wall. */
async function play(policy: Policy, seed: number, latency = 0, steps = 130) {
  await policy.reset({ seed, goal });
  const course = { steps, every: 5, latency, from: [0, 0] as const };
  return drive(policy, { ...course, blocked: (from, to) => blocked(wall, from, to) });
}

describe('an imagined way', () => {
  it('goes around a wall by moves that the model makes, and is nearly a shortest one', async () => {
    const model = new WalledWorldModel(wall);
    const way = await wayOf(model, { greed: 0, nodes: 3000 });
    expect(way.reached).toBe(true);
    // Straight to the wall's end and back; a full move along an axis is 0.5.
    const shortest = 2 * Math.hypot(1.05, 3);
    const steps = way.actions.shape[0]!;
    expect(steps * 0.5).toBeGreaterThan(0.65 * shortest);
    expect(steps * 0.5).toBeLessThan(1.35 * shortest);
    for (let t = 0; t < steps; t++) {
      const next = await model.predict(slice(way.latents, t, t + 1), slice(way.actions, t, t + 1));
      expect(distance(next.data, slice(way.latents, t + 1, t + 2).data)).toBeLessThan(1e-6);
    }
    expect(distance(slice(way.latents, steps, steps + 1).data, Float32Array.of(2, 0))).toBeLessThan(0.5);
  });

  it('is found with fewer imagined steps where time to go leads', async () => {
    const model = new LinearWorldModel();
    const [led, blind] = [await wayOf(model, { batch: 1 }), await wayOf(model, { batch: 1, greed: 0 })];
    expect(led.reached && blind.reached).toBe(true);
    expect(led.evaluations).toBeLessThan(0.3 * blind.evaluations);
  });

  it('where there is none, leads to the place nearest to the goal, within its bound on nodes', async () => {
    const way = await wayOf(new WalledWorldModel({ half: Infinity }), { nodes: 150 });
    expect(way.reached).toBe(false);
    const end = way.latents.data.slice(-2);
    expect(end[0]).toBeGreaterThan(0.7);
    expect(Math.abs(end[1]!)).toBeLessThan(0.5);
    expect(way.evaluations).toBeLessThanOrEqual(8 * 150);
  });
});

describe('roadmap', () => {
  it.each([
    { seed: 1, latency: 0 },
    { seed: 2, latency: 3 },
  ])('gets around a wall six wide, seed $seed, $latency late', async ({ seed, latency }) => {
    const flat = mpcPolicy({ model: new WalledWorldModel(wall), planner: icem, settings, now: () => 0 });
    expect(left((await play(flat, seed, latency)).at)).toBeGreaterThan(0.9);
    expect(left((await play(await open(), seed, latency)).at)).toBeLessThan(0.1);
  });

  it('imagines a way once and follows it, and anew where the robot was pushed off it', async () => {
    const policy = await open();
    const fine = (64 + 51 + 41) * 4;
    const looks = async (from: readonly [number, number]) => {
      const { plans } = await drive(policy, { steps: 5, every: 5, latency: 0, from });
      return plans.filter(({ evidence }) => evidence.evaluations > fine).length;
    };
    await policy.reset({ seed: 1, goal });
    expect(await looks([0, 0])).toBe(1);
    expect(await looks([0, 0.1])).toBe(0);
    expect(await looks([-2, 0])).toBe(1);
    expect(await looks([-2, 0.1])).toBe(0);
    await policy.setGoal({ kind: 'observation', value: seen(0, -3, 0) });
    expect(await looks([-2, 0.1])).toBe(1);
  });

  it('leaves the fine search its share of the seconds', async () => {
    let time = 0;
    const model = new (class extends WalledWorldModel {
      override async predict(...given: Parameters<WalledWorldModel['predict']>) {
        time += 0.003;
        return super.predict(...given);
      }
    })({ half: Infinity });
    const policy = await roadmap.create({ model, planner: icem, settings, now: () => time });
    await policy.reset({ seed: 1, goal });
    const { evidence } = await policy.plan({
      observations: [seen(0, 0, 0)],
      executed: zeros([0, 2]),
      committed: zeros([0, 2]),
      budget: { iterations: 3, seconds: 0.1 },
    });
    expect(evidence.iterations).toBe(3);
    expect(evidence.totalMs).toBeLessThan(100);
  });

  it('plans the same for the same seed, also after a reset', async () => {
    const policy = await open();
    const once = (await play(policy, 4, 2, 30)).plans;
    expect((await play(policy, 4, 2, 30)).plans).toEqual(once);
  });

  it('needs no metric head: latent distance tells places apart', async () => {
    const model = new WalledWorldModel(wall, { ...linearManifest(), metric: null });
    const policy = await roadmap.create({
      model,
      planner: icem,
      settings: { ...settings, objective: { kind: 'latent', over: 'sum' } },
      now: () => 0,
    });
    expect(left((await play(policy, 1)).at)).toBeLessThan(0.3);
  });
});

describe('moves', () => {
  const spec = { ...actionSpec, minimum: [-1, 0], maximum: [1, 4] };

  it('are all axes and diagonals at the bounds, held for a model step', () => {
    const moves = movesOf(spec, 3, 8, rngOf('moves')).map((move) => [...move]);
    expect(moves).toHaveLength(8);
    expect(moves).toContainEqual([1, 4, 1, 4, 1, 4]);
    expect(moves).toContainEqual([-1, 2, -1, 2, -1, 2]);
    expect(moves).not.toContainEqual([0, 2, 0, 2, 0, 2]);
  });

  it('are each axis and some corners where there are too many', () => {
    const arm = {
      ...actionSpec,
      dim: 7,
      minimum: Array<number>(7).fill(-2),
      maximum: Array<number>(7).fill(2),
    };
    const moves = movesOf(arm, 1, 20, rngOf('moves')).map((move) => [...move]);
    expect(moves).toHaveLength(20);
    expect(moves.slice(14).every((move) => move.every((v) => Math.abs(v) === 2))).toBe(true);
    expect(new Set(moves.slice(0, 14).map((move) => move.filter((v) => v !== 0).length))).toEqual(
      new Set([1]),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { icem } from '#policies/icem.js';
import { endOf, held } from '#policies/macro-search.js';
import { waypoint } from '#policies/waypoint.js';
import type { Observation } from '#src/env/observation.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import type { Plan } from '#src/planning/plan.js';
import type { Policy } from '#src/planning/policy.js';
import { tensor, zeros } from '#src/tensor.js';
import type { WorldModel } from '#src/world-model/world-model.js';
import { GAIN, linearManifest, LinearWorldModel, seen } from '../fakes/linear-world-model.js';
import { blocked, WalledWorldModel } from '../fakes/walled-world-model.js';
import { drive } from '../planning/drive.js';

const settings = { horizon: 4, samples: 64, elites: 8, objective: { kind: 'metric', over: 'sum' } } as const;
const wall = { half: 2 };
const goal = { kind: 'observation', value: seen(0, 2, 0) } as const;
const walled = () => new WalledWorldModel(wall);
const open = (model: WorldModel = walled(), now = () => 0) =>
  waypoint.create({ model, planner: icem, settings, now });
const request = {
  observations: [seen(0, 0, 0)],
  executed: zeros([0, 2]),
  committed: zeros([0, 2]),
  budget: { iterations: 3 },
};

/** Plays a policy in the world with the wall. */
async function play(policy: Policy, seed: number, latency = 0, steps = 90) {
  await policy.reset({ seed, goal });
  const course = { steps, every: 5, latency, from: [0, 0] as const };
  return drive(policy, { ...course, blocked: (from, to) => blocked(wall, from, to) });
}
const left = ([x, y]: readonly [number, number]): number => Math.hypot(x - 2, y);

/** Counts the windows that it encodes. */
class CountingModel extends WalledWorldModel {
  windows = 0;

  override async encode(windows: readonly (readonly Observation[])[]) {
    this.windows += windows.length;
    return super.encode(windows);
  }
}

describe('waypoint', () => {
  it.each([
    { seed: 1, latency: 0 },
    { seed: 2, latency: 3 },
    { seed: 3, latency: 0 },
  ])(
    'gets around a wall that stops flat planning of the same horizon, seed $seed, $latency late',
    async ({ seed, latency }) => {
      const flat = mpcPolicy({ model: walled(), planner: icem, settings, now: () => 0 });
      expect(left((await play(flat, seed, latency)).at)).toBeGreaterThan(0.9);
      expect(left((await play(await open(), seed, latency)).at)).toBeLessThan(0.1);
    },
  );

  it('tells how far the goal is, not the way point, now and along the plan', async () => {
    const { plans, path } = await play(await open(), 1);
    const made = (plan: Plan) => path[plan.startStep]!;
    for (const plan of plans) {
      expect(plan.evidence.timeToGo).toBeCloseTo(left(made(plan)) / GAIN, 3);
      expect(plan.evidence.imaginedTimeToGo).toHaveLength(4);
      const next = path[plan.startStep + 5]!;
      expect(plan.evidence.imaginedTimeToGo[0]).toBeCloseTo(left(next) / GAIN, 3);
    }
    const away = plans.filter(({ evidence }) => evidence.imaginedTimeToGo.at(-1)! > evidence.timeToGo! + 3);
    expect(away.length).toBeGreaterThan(0);
  });

  it('plans as its planner does alone where the goal is within the horizon', async () => {
    const model = new LinearWorldModel();
    const flat = mpcPolicy({ model, planner: icem, settings, now: () => 0 });
    const policy = await open(model);
    const course = { steps: 40, every: 5, latency: 1, from: [0.9, 0.5] } as const;
    await policy.reset({ seed: 1, goal });
    await flat.reset({ seed: 1, goal });
    const [found, alone] = [await drive(policy, course), await drive(flat, course)];
    expect(found.path).toEqual(alone.path);
    expect(left(found.at)).toBeLessThan(0.05);
  });

  it('looks far ahead every third plan, and encodes each present once', async () => {
    const model = new CountingModel(wall);
    const policy = await open(model);
    expect(model.prepared).toEqual([16, 4]);
    const { plans } = await play(policy, 1, 0, 25);
    const fine = (64 + 51 + 41) * 4;
    const looks = plans.map(({ evidence }) => evidence.evaluations > fine + 1000);
    expect(looks[0]).toBe(true);
    expect(looks.slice(0, 4).filter(Boolean).length).toBeGreaterThanOrEqual(2);
    expect(looks).toContain(false);
    expect(model.windows).toBe(plans.length + 1);
  });

  it('plans the same for the same seed, also after a reset', async () => {
    const policy = await open();
    const once = (await play(policy, 4, 2, 30)).plans;
    expect((await play(policy, 4, 2, 30)).plans).toEqual(once);
    expect((await play(policy, 5, 2, 30)).plans[0]!.actions).not.toEqual(once[0]!.actions);
  });

  it('turns to a new goal, and forgets its way point', async () => {
    const policy = await open();
    await play(policy, 1, 0, 20);
    await policy.setGoal({ kind: 'observation', value: seen(0, -1, -1) });
    const { at } = await drive(policy, { steps: 40, every: 5, latency: 0, from: [0.9, 1] });
    expect(Math.hypot(at[0] + 1, at[1] + 1)).toBeLessThan(0.1);
  });

  it('leaves the fine search its share of the seconds', async () => {
    let time = 0;
    const model = new (class extends LinearWorldModel {
      override evaluate: LinearWorldModel['evaluate'] = async (jobs) => {
        // A model that takes 0.1 ms for each candidate of its 16 steps, and a quarter of that for 4.
        for (const { actions } of jobs) time += (actions.shape[0]! * actions.shape[1]!) / 160_000;
        return super.evaluate(jobs);
      };
    })();
    const policy = await open(model, () => time);
    await policy.reset({ seed: 1, goal: { kind: 'observation', value: seen(0, 5, 0) } });
    const plan = await policy.plan({ ...request, budget: { iterations: 1000, seconds: 0.1 } });
    expect(plan.evidence.cut).toBe(true);
    expect(plan.evidence.iterations).toBeGreaterThan(5);
    expect(plan.evidence.totalMs).toBeLessThanOrEqual(105);
  });

  it('needs a metric head', async () => {
    const blind = new LinearWorldModel({ ...linearManifest(), metric: null });
    await expect(open(blind)).rejects.toThrow(
      "policy 'waypoint' needs a metric head; model 'linear' has none",
    );
  });
});

describe('macro actions', () => {
  it('are held for model steps, each of which repeats them', () => {
    const macro = tensor([2, 2, 1], Float32Array.of(1, 2, 3, 4));
    const actions = held(macro, 2, 3);
    expect(actions.shape).toEqual([2, 4, 3]);
    const rows = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2];
    expect([...actions.data]).toEqual([...rows, ...rows.map((v) => v + 2)]);
  });

  it('lead where the model says', async () => {
    const rows = held(tensor([1, 2, 2], Float32Array.of(1, 0, 0, -1)), 2, 5);
    const end = await endOf(new LinearWorldModel(), zeros([1, 2]), { shape: [20, 2], data: rows.data }, 3);
    expect(end.data[0]).toBeCloseTo(1, 5);
    expect(end.data[1]).toBeCloseTo(-0.5, 5);
  });
});

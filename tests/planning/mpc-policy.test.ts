import { describe, expect, it } from 'vitest';
import { cem } from '#policies/cem.js';
import { gradient } from '#policies/gradient.js';
import { icem } from '#policies/icem.js';
import { mppi } from '#policies/mppi.js';
import { predictiveSampling } from '#policies/predictive-sampling.js';
import type { Plan } from '#src/planning/plan.js';
import { concat, slice, tensor, zeros } from '#src/tensor.js';
import { GAIN, linearManifest, LinearWorldModel, seen, wholeManifest } from '../fakes/linear-world-model.js';
import { drive } from './drive.js';
import { goal, policyOf, request, settings } from './linear-policy.js';

describe('mpcPolicy in closed loop', () => {
  it.each([
    { planner: icem, latency: 0 },
    { planner: icem, latency: 3 },
    { planner: cem, latency: 0 },
    { planner: cem, latency: 3 },
    { planner: mppi, latency: 3 },
    { planner: predictiveSampling, latency: 3 },
    { planner: gradient, latency: 0 },
    { planner: gradient, latency: 3 },
  ])('$planner.name reaches the goal and stays, $latency steps late', async ({ planner, latency }) => {
    const policy = policyOf({ planner, model: new LinearWorldModel(wholeManifest()) });
    await policy.reset({ seed: 1, goal });
    const { at } = await drive(policy, { steps: 60, every: 5, latency, from: [-0.4, 0.5] });
    expect(Math.hypot(at[0] - 1.1, at[1] + 0.7)).toBeLessThan(0.1);
  });

  it('imagines what then happens, committed rows included', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    const { plans, path } = await drive(policy, { steps: 20, every: 5, latency: 3, from: [-0.4, 0.5] });
    const togo = (step: number) => Math.hypot(path[step]![0] - 1.1, path[step]![1] + 0.7) / GAIN;
    for (const { evidence, startStep } of plans.slice(0, 3)) {
      const made = startStep - 3;
      expect(evidence.timeToGo).toBeCloseTo(togo(made), 4);
      expect(evidence.imaginedTimeToGo).toHaveLength(4);
      expect(evidence.imaginedTimeToGo[0]).toBeCloseTo(togo(made + 5), 4);
    }
  });

  it('is not surprised by the world that it models, and is by another', async () => {
    const surprises = async (drift: number) => {
      const policy = policyOf();
      await policy.reset({ seed: 1, goal });
      const { plans } = await drive(policy, { steps: 30, every: 5, latency: 2, from: [-0.4, 0.5], drift });
      return plans.map((plan) => plan.evidence.surprise);
    };
    const [first, ...true_] = await surprises(0);
    expect(first).toBeNull();
    for (const value of true_) expect(value).toBeLessThan(1e-10);
    // The place drifts 0.01 a step along x: 0.05 in a block, and half of its square is the mean over two values.
    for (const value of (await surprises(0.01)).slice(1)) expect(value).toBeCloseTo(0.05 ** 2 / 2, 5);
  });

  it.each([
    { every: 2, first: 5 },
    { every: 3, first: 5 },
    { every: 7, first: null },
  ])(
    'measures surprise over whole model steps only when planning every $every steps',
    async ({ every, first }) => {
      const policy = policyOf();
      await policy.reset({ seed: 1, goal });
      const { plans } = await drive(policy, { steps: 30, every, latency: 0, from: [0, 0] });
      const index = plans.findIndex((plan) => plan.evidence.surprise !== null);
      expect(index < 0 ? null : index).toBe(first);
    },
  );
});

describe('mpcPolicy', () => {
  it('answers with the rows behind the committed ones, from their step on', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    const committed = tensor([7, 2], new Float32Array(14).fill(0.25));
    const plan = await policy.plan(request({ observations: [seen(40, 0, 0)], committed }));
    expect(plan.startStep).toBe(47);
    expect(plan.actions.shape).toEqual([13, 2]);
  });

  it('takes committed rows into account: it undoes what they do', async () => {
    const policy = policyOf({ settings: { ...settings, samples: 256 } });
    await policy.reset({ seed: 1, goal: { kind: 'latent', value: tensor([2], Float32Array.of(0, 0)) } });
    const committed = tensor([5, 2], new Float32Array(10).fill(1));
    const plan = await policy.plan(request({ committed, budget: { iterations: 20 } }));
    const total = plan.actions.data.reduce((sum, v) => sum + v, 0);
    expect(total).toBeGreaterThan(-11.5);
    expect(total).toBeLessThan(-8.5);
  });

  it('refuses more committed rows than leave one model step', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    await policy.plan(request({ committed: zeros([15, 2]) }));
    await expect(policy.plan(request({ committed: zeros([16, 2]) }))).rejects.toMatchObject({
      code: 'out-of-range',
      message: expect.stringContaining('16 control steps are committed') as string,
    });
  });

  it('refuses rows and goals of another size', async () => {
    const policy = policyOf();
    const odd = { kind: 'latent', value: zeros([3]) } as const;
    await expect(policy.reset({ seed: 1, goal: odd })).rejects.toThrow(
      "goal latent has 3 values; model 'linear' has 2",
    );
    await policy.reset({ seed: 1, goal });
    const bad = policy.plan(request({ executed: zeros([4, 3]) }));
    await expect(bad).rejects.toThrow('executed rows are [4, 3]; the model needs [n, 2]');
  });

  it('has no goal before reset', async () => {
    await expect(policyOf().plan(request())).rejects.toMatchObject({ code: 'bad-state' });
    await expect(policyOf().setGoal(goal)).rejects.toMatchObject({ code: 'bad-state' });
  });

  it('plans the same for the same seed, also after a reset, and otherwise for another', async () => {
    const policy = policyOf();
    const run = async (seed: number): Promise<Plan[]> => {
      await policy.reset({ seed, goal });
      return (await drive(policy, { steps: 12, every: 4, latency: 1, from: [0, 0] })).plans;
    };
    const [one, other, again] = [await run(1), await run(2), await run(1)];
    expect(again).toEqual(one);
    expect(other[0]!.actions.data).not.toEqual(one[0]!.actions.data);
    expect(one.map((plan) => plan.id)).toEqual([1, 2, 3]);
  });

  it('takes a picture and its latent for the same goal', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    const seenGoal = await policy.plan(request());
    await policy.reset({ seed: 1, goal: { kind: 'latent', value: tensor([2], Float32Array.of(1.1, -0.7)) } });
    expect(await policy.plan(request())).toEqual(seenGoal);
  });

  it('turns to a new goal', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    await drive(policy, { steps: 10, every: 5, latency: 0, from: [0, 0] });
    await policy.setGoal({ kind: 'observation', value: seen(0, -1, 0) });
    const { at } = await drive(policy, { steps: 60, every: 5, latency: 0, from: [0.8, -0.5] });
    expect(Math.hypot(at[0] + 1, at[1])).toBeLessThan(0.1);
  });

  it('starts from its last plan: a single iteration later costs no more', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    const first = await policy.plan(request({ budget: { iterations: 20 } }));
    const again = await policy.plan(request({ budget: { iterations: 1 } }));
    expect(again.evidence.costs[0]).toBeLessThanOrEqual(first.evidence.costs.at(-1)! + 1e-6);
  });

  it('sees through a window: frames a stride apart, the oldest repeated', async () => {
    const model = new LinearWorldModel(linearManifest(2, 5, { frames: 3, stride: 2 }));
    const policy = policyOf({ model });
    expect(policy.window).toBe(5);
    await policy.reset({ seed: 1, goal });
    // The model sees the mean place: (0 + 0.2 + 0.4) / 3 in a full window, (0 + 0 + 0.1) / 3 in a young one.
    const togo = async (xs: readonly number[]) => {
      const observations = xs.map((x, step) => seen(step, x, -0.7));
      return (await policy.plan(request({ observations }))).evidence.timeToGo;
    };
    expect(await togo([0, 9, 0.2, 9, 0.4])).toBeCloseTo((1.1 - 0.2) / GAIN, 4);
    expect(await togo([0, 0.1])).toBeCloseTo((1.1 - 0.1 / 3) / GAIN, 4);
  });

  it('tells what a plan cost, in milliseconds and evaluations', async () => {
    let time = 0;
    const policy = policyOf({ now: () => (time += 0.001) });
    await policy.reset({ seed: 1, goal });
    const { evidence } = await policy.plan(request());
    expect(evidence).toMatchObject({ iterations: 3, cut: false });
    expect(evidence.evaluations).toBe((64 + 51 + 41) * 4);
    expect(evidence.encodeMs).toBeCloseTo(1);
    expect(evidence.totalMs).toBeGreaterThan(evidence.searchMs + evidence.encodeMs);
  });

  it('keeps to its seconds, encoding included', async () => {
    let time = 0;
    const policy = policyOf({ now: () => (time += 0.001) });
    await policy.reset({ seed: 1, goal });
    const { evidence } = await policy.plan(request({ budget: { iterations: 1000, seconds: 0.1 } }));
    expect(evidence.cut).toBe(true);
    expect(evidence.iterations).toBeGreaterThan(5);
    expect(evidence.totalMs).toBeLessThanOrEqual(105);
  });

  it('forgets what lies before a gap in the executed rows', async () => {
    const policy = policyOf();
    await policy.reset({ seed: 1, goal });
    const first = await policy.plan(request());
    const rows = slice(first.actions, 0, 5);
    const place = (step: number) => seen(step, 5, 5);
    const short = await policy.plan(request({ observations: [place(10)], executed: rows }));
    expect(short.evidence.surprise).toBeNull();
    const whole = await policy.plan(request({ observations: [place(20)], executed: concat([rows, rows]) }));
    expect(whole.evidence.surprise).toBeGreaterThan(0);
  });
});

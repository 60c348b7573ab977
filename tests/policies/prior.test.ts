import { describe, expect, it } from 'vitest';
import { prior } from '#policies/prior.js';
import { tensor, zeros } from '#src/tensor.js';
import { GAIN, LinearWorldModel, seen, wholeManifest } from '../fakes/linear-world-model.js';
import { drive } from '../planning/drive.js';

const settings = { horizon: 4, samples: 64, elites: 8, objective: { kind: 'metric', over: 'sum' } } as const;
const goal = { kind: 'observation', value: seen(0, 1.1, -0.7) } as const;
const open = async (model = new LinearWorldModel(wholeManifest())) =>
  prior.create({ model, settings, now: () => 0 });
const request = {
  observations: [seen(0, 0, 0)],
  executed: zeros([0, 2]),
  committed: zeros([0, 2]),
  budget: { iterations: 3 },
};

describe('prior', () => {
  it.each([0, 3])('reaches the goal without a search, %i steps late', async (latency) => {
    const policy = await open();
    await policy.reset({ seed: 1, goal });
    const { at, plans } = await drive(policy, { steps: 60, every: 5, latency, from: [-0.4, 0.5] });
    expect(Math.hypot(at[0] - 1.1, at[1] + 0.7)).toBeLessThan(0.05);
    expect(plans[1]!.evidence).toMatchObject({ costs: [], evaluations: 4, iterations: 0, eliteSpread: null });
  });

  it('plans block after block, from where the last one leads', async () => {
    const policy = await open();
    await policy.reset({ seed: 1, goal });
    const { actions, startStep, evidence } = await policy.plan(request);
    expect(startStep).toBe(0);
    expect(actions.shape).toEqual([20, 2]);
    // x: 1.1 away, 0.5 a block: twice full speed, then a fifth; y: -0.7 away: once, then two fifths.
    expect(actions.data[10]).toBeCloseTo(1, 5);
    expect(actions.data[20]).toBeCloseTo(0.2, 5);
    expect(actions.data[11]).toBeCloseTo(-0.4, 5);
    expect(actions.data[21]).toBeCloseTo(0, 5);
    const togo = [Math.hypot(0.6, 0.2), 0.1, 0, 0].map((distance) => distance / GAIN);
    evidence.imaginedTimeToGo.forEach((value, t) => expect(value).toBeCloseTo(togo[t]!, 3));
    expect(evidence.timeToGo).toBeCloseTo(Math.hypot(1.1, 0.7) / GAIN, 4);
    expect(evidence.disagreement).toBeCloseTo(0.5 ** 2 + 0.5 ** 2, 4);
  });

  it('goes on from the committed rows', async () => {
    const policy = await open();
    await policy.reset({ seed: 1, goal: { kind: 'latent', value: tensor([2], Float32Array.of(0, 0)) } });
    const committed = tensor([5, 2], new Float32Array(10).fill(0.6));
    const { actions, startStep } = await policy.plan({ ...request, committed });
    expect(startStep).toBe(5);
    expect([...actions.data.subarray(0, 10)].every((v) => Math.abs(v + 0.6) < 1e-5)).toBe(true);
  });

  it('plans the same again, and turns to a new goal', async () => {
    const policy = await open();
    await policy.reset({ seed: 1, goal });
    const first = await policy.plan(request);
    await policy.reset({ seed: 2, goal });
    expect(await policy.plan(request)).toEqual(first);
    await policy.setGoal({ kind: 'observation', value: seen(0, -1, 0) });
    expect((await policy.plan(request)).actions.data[0]).toBe(-1);
  });

  it('needs a model with a prior, and a goal', async () => {
    await expect(open(new LinearWorldModel())).rejects.toThrow(
      "policy 'prior' needs an action prior; model 'linear' has none",
    );
    await expect((await open()).plan(request)).rejects.toMatchObject({ code: 'bad-state' });
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cem } from '#policies/cem.js';
import { gradient } from '#policies/gradient.js';
import { icem } from '#policies/icem.js';
import type { MpcConfig } from '#src/planning/mpc-policy.js';
import { tensor } from '#src/tensor.js';
import { GAIN, LinearWorldModel, seen, wholeManifest } from '../fakes/linear-world-model.js';
import { drive } from './drive.js';
import { goal, none, policyOf, request, settings } from './linear-policy.js';

describe('mpcPolicy with optional parts of a model', () => {
  const whole = new LinearWorldModel(wholeManifest());

  it('plans what it has always planned where they are not asked for', async () => {
    const digests: string[] = [];
    for (const planner of [icem, cem]) {
      const policy = policyOf({ planner, model: whole });
      await policy.reset({ seed: 1, goal });
      const { plans } = await drive(policy, { steps: 30, every: 5, latency: 3, from: [-0.4, 0.5] });
      const hash = createHash('sha256');
      for (const plan of plans) hash.update(plan.actions.data);
      digests.push(hash.digest('hex').slice(0, 16));
    }
    expect(digests).toEqual(['639dc29d61bdbb37', 'cf0210c18efb133c']);
  });

  it('starts from what the prior proposes, if asked: its mean first, then what it draws', async () => {
    const far = { kind: 'observation', value: seen(0, 9, -9) } as const;
    const proposing = (priorProposals: number) =>
      policyOf({ model: whole, settings: { ...settings, samples: 8, elites: 1, priorProposals } });
    const first = async (priorProposals: number, committed = none) => {
      const policy = proposing(priorProposals);
      await policy.reset({ seed: 1, goal: far });
      return policy.plan(request({ budget: { iterations: 1 }, committed }));
    };
    const plan = await first(2);
    // Straight to a goal far away is full speed throughout: nothing that 8 samples find comes near.
    expect([...plan.actions.data]).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 ? -1 : 1)));
    expect(plan.evidence.evaluations).toBe((8 + 2) * 4);
    const without = await first(0);
    expect(without.evidence.evaluations).toBe(8 * 4);
    expect(without.evidence.costs[0]).toBeGreaterThan(plan.evidence.costs[0]!);
    const late = await first(1, tensor([7, 2], new Float32Array(14).fill(-0.5)));
    expect([...late.actions.data]).toEqual(Array.from({ length: 26 }, (_, i) => (i % 2 ? -1 : 1)));
  });

  it('tells how much the ensemble disagrees about the first model step, committed rows included', async () => {
    const policy = policyOf({ model: whole });
    await policy.reset({ seed: 1, goal });
    const committed = tensor([5, 2], new Float32Array(10).fill(0.5));
    const { evidence } = await policy.plan(request({ observations: [seen(0, 0.1, 0)], committed }));
    // From (0.1, 0) five rows of 0.5 lead to (0.35, 0.25).
    expect(evidence.disagreement).toBeCloseTo(0.35 ** 2 + 0.25 ** 2, 5);
    await using blind = policyOf();
    await blind.reset({ seed: 1, goal });
    expect((await blind.plan(request())).evidence.disagreement).toBeNull();
  });

  it('keeps away from what the ensemble has not seen, if the objective says so', async () => {
    const disagreement = [0.5, { kind: 'disagreement' }] as const;
    const objective = { kind: 'weighted', terms: [[1, settings.objective], disagreement] } as const;
    const reach = async (own: MpcConfig['settings']['objective']) => {
      const policy = policyOf({ model: whole, settings: { ...settings, objective: own } });
      await policy.reset({ seed: 1, goal: { kind: 'observation', value: seen(0, 3, 0) } });
      const { at } = await drive(policy, { steps: 60, every: 5, latency: 0, from: [0, 0] });
      return at[0];
    };
    expect(await reach(settings.objective)).toBeGreaterThan(2.7);
    // Where x² grows by as much as the time to go shrinks, half of 2x = 2 a unit: x = 2.
    expect(await reach(objective)).toBeGreaterThan(1.7);
    expect(await reach(objective)).toBeLessThan(2.3);
  });

  it('tells the time to go that a plan found by gradient is imagined to leave', async () => {
    const policy = policyOf({ model: whole, planner: gradient });
    await policy.reset({ seed: 1, goal });
    const { plans, path } = await drive(policy, { steps: 10, every: 5, latency: 0, from: [-0.4, 0.5] });
    const togo = Math.hypot(path[5]![0] - 1.1, path[5]![1] + 0.7) / GAIN;
    expect(plans[0]!.evidence.imaginedTimeToGo).toHaveLength(4);
    expect(plans[0]!.evidence.imaginedTimeToGo[0]).toBeCloseTo(togo, 4);
  });

  it.each([
    [{ planner: gradient }, /planner 'gradient' needs a gradient graph; model 'linear' has none: .*icem/],
    [{ settings: { ...settings, priorProposals: 1 } }, /'priorProposals' needs an action prior; .* has none/],
    [
      { model: whole, planner: gradient, settings: { ...settings, horizon: 5 } },
      /planner 'gradient': the gradient graph of model 'linear' is for horizon 4, got 5/,
    ],
  ])('refuses at once what the model can not do: %#', (change, message) => {
    expect(() => policyOf(change)).toThrow(expect.objectContaining({ code: 'bad-model' }) as Error);
    expect(() => policyOf(change)).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { icem } from '#policies/icem.js';
import { modelPolicies } from '#policies/index.js';
import { checkAction, type ActionSpec } from '#src/spec.js';
import { slice, tensor, zeros } from '#src/tensor.js';
import { linearManifest, LinearWorldModel, seen, wholeManifest } from '../fakes/linear-world-model.js';
import { drive } from '../planning/drive.js';

const settings = { horizon: 4, samples: 64, elites: 8, objective: { kind: 'metric', over: 'sum' } } as const;
const goal = { kind: 'observation', value: seen(0, 1.1, -0.7) } as const;
const request = {
  observations: [seen(40, 0, 0)],
  executed: zeros([0, 2]),
  committed: tensor([7, 2], new Float32Array(14).fill(0.25)),
  budget: { iterations: 3 },
};

describe.each(modelPolicies)('policy $name on a model', (kind) => {
  const open = (manifest = wholeManifest()) =>
    kind.create({ model: new LinearWorldModel(manifest), planner: icem, settings, now: () => 0 });

  it.each([0, 3])('reaches a goal and stays, %i steps late', async (latency) => {
    await using policy = await open();
    await policy.reset({ seed: 1, goal });
    const { at } = await drive(policy, { steps: 60, every: 5, latency, from: [-0.4, 0.5] });
    expect(Math.hypot(at[0] - 1.1, at[1] + 0.7)).toBeLessThan(0.1);
  });

  it('answers with rows within the bounds, behind the committed ones', async () => {
    await using policy = await open();
    await policy.reset({ seed: 1, goal: { kind: 'observation', value: seen(0, 9, -9) } });
    const { actions, startStep, id, evidence } = await policy.plan(request);
    expect({ id, startStep, shape: actions.shape }).toEqual({ id: 1, startStep: 47, shape: [13, 2] });
    const { action } = linearManifest();
    const spec: ActionSpec = { ...action, names: ['x', 'y'], mode: 'velocity' };
    for (let row = 0; row < 13; row++) checkAction(spec, slice(actions, row, row + 1).data, 'test');
    expect(evidence.timeToGo).toBeCloseTo(Math.hypot(9, 9) * 10, 2);
    expect(evidence.imaginedTimeToGo).toHaveLength(4);
    expect(evidence.disagreement).not.toBeNull();
  });

  it('is surprised by a world that drifts, and not by its own', async () => {
    await using policy = await open();
    for (const drift of [0, 0.01]) {
      await policy.reset({ seed: 1, goal });
      const course = { steps: 20, every: 5, latency: 2, from: [-0.4, 0.5], drift } as const;
      const [first, ...others] = (await drive(policy, course)).plans.map(({ evidence }) => evidence.surprise);
      expect(first).toBeNull();
      for (const value of others) expect(value).toBeCloseTo((5 * drift) ** 2 / 2, 5);
    }
  });

  it('refuses too many committed rows, goals of another size, and plans before a goal', async () => {
    await using policy = await open();
    await expect(policy.plan(request)).rejects.toMatchObject({ code: 'bad-state' });
    await expect(policy.setGoal(goal)).rejects.toMatchObject({ code: 'bad-state' });
    const odd = { kind: 'latent', value: zeros([3]) } as const;
    await expect(policy.reset({ seed: 1, goal: odd })).rejects.toMatchObject({ code: 'shape-mismatch' });
    await policy.reset({ seed: 1, goal });
    const late = policy.plan({ ...request, committed: zeros([16, 2]) });
    await expect(late).rejects.toMatchObject({ code: 'out-of-range' });
  });
});

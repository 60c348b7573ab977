import { describe, expect, it } from 'vitest';
import { policies } from '#policies/index.js';
import { random } from '#policies/random.js';
import { zero } from '#policies/zero.js';
import type { PlanRequest } from '#src/planning/policy.js';
import { checkAction, type ActionSpec } from '#src/spec.js';
import { slice, tensor, zeros } from '#src/tensor.js';
import { seen } from '../fakes/linear-world-model.js';

const actionSpec: ActionSpec = {
  dim: 2,
  minimum: [-1, 2],
  maximum: [1, 5],
  names: ['a', 'b'],
  mode: 'velocity',
};
const goal = { kind: 'observation', value: seen(0, 0) } as const;

const request = (step: number, committed = zeros([0, 2])): PlanRequest => ({
  observations: [seen(step, 0)],
  executed: zeros([0, 2]),
  committed,
  budget: { iterations: 1 },
});

describe.each(policies)('policy $name', (kind) => {
  it('plans rows that start behind the committed ones, without a search', async () => {
    await using policy = kind.create({ actionSpec, rows: 10 });
    await policy.reset({ seed: 1, goal });
    const plan = await policy.plan(request(20, zeros([3, 2])));
    expect(plan).toMatchObject({ id: 1, startStep: 23, evidence: { evaluations: 0, costs: [] } });
    expect(plan.actions.shape).toEqual([10, 2]);
    expect((await policy.plan(request(25))).id).toBe(2);
  });

  it('plans the same for the same seed', async () => {
    await using policy = kind.create({ actionSpec, rows: 4 });
    await policy.reset({ seed: 9, goal });
    const first = await policy.plan(request(0));
    await policy.reset({ seed: 9, goal });
    expect(await policy.plan(request(0))).toEqual(first);
  });
});

describe('random', () => {
  const planned = async (seed: number, step: number, rows: number) => {
    await using policy = random.create({ actionSpec, rows });
    await policy.reset({ seed, goal });
    return (await policy.plan(request(step))).actions;
  };

  it('fills the range of each action, and no more', async () => {
    const { data } = await planned(1, 0, 500);
    for (let i = 0; i < 500; i++) checkAction(actionSpec, data.slice(2 * i, 2 * i + 2), 'test');
    const first = data.filter((_, i) => i % 2 === 0);
    const second = data.filter((_, i) => i % 2 === 1);
    expect(Math.min(...first)).toBeLessThan(-0.95);
    expect(Math.max(...first)).toBeGreaterThan(0.95);
    expect(second.reduce((a, b) => a + b, 0) / 500).toBeCloseTo(3.5, 0.5);
  });

  it('gives a step its action whenever that is planned', async () => {
    const long = await planned(1, 0, 20);
    expect(await planned(1, 8, 5)).toEqual(slice(long, 8, 13));
    expect((await planned(2, 0, 20)).data).not.toEqual(long.data);
  });
});

describe('zero', () => {
  it('does not move a velocity robot', async () => {
    await using policy = zero.create({ actionSpec, rows: 3 });
    expect([...(await policy.plan(request(0))).actions.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('repeats the last command of a position robot', async () => {
    await using policy = zero.create({ actionSpec: { ...actionSpec, mode: 'position' }, rows: 2 });
    const committed = tensor([2, 2], Float32Array.of(0, 3, 1, 4));
    expect([...(await policy.plan(request(0, committed))).actions.data]).toEqual([1, 4, 1, 4]);
    expect([...(await policy.plan(request(5))).actions.data]).toEqual([1, 4, 1, 4]);
  });
});

import { describe, expect, it } from 'vitest';
import { planners } from '#policies/index.js';
import { lockstep } from '#src/planning/lockstep.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import { PlanQueue } from '#src/planning/plan-queue.js';
import type { Plan } from '#src/planning/plan.js';
import type { PlanRequest, Policy } from '#src/planning/policy.js';
import { pick } from '#src/registry.js';
import { zeros, type Tensor } from '#src/tensor.js';
import type { Job } from '#src/world-model/world-model.js';
import { LinearWorldModel, seen } from '../fakes/linear-world-model.js';

const settings = { horizon: 4, samples: 32, elites: 6, objective: { kind: 'metric', over: 'sum' } } as const;
const goal = { kind: 'observation', value: seen(0, 1, 1) } as const;
const request = (x: number): PlanRequest => ({
  observations: [seen(0, x, 0)],
  executed: zeros([0, 2]),
  committed: zeros([0, 2]),
  budget: { iterations: 3 },
});

/** Counts runs, and the jobs of each. */
class CountingModel extends LinearWorldModel {
  readonly jobs: number[] = [];
  readonly encoded: number[] = [];

  override async encode(windows: Parameters<LinearWorldModel['encode']>[0]): Promise<Tensor> {
    this.encoded.push(windows.length);
    return super.encode(windows);
  }

  override async evaluate(jobs: readonly Job[]) {
    this.jobs.push(jobs.length);
    if (jobs.some((job) => job.goal.data.includes(NaN))) throw new Error('a goal that is none');
    return super.evaluate(jobs);
  }
}

async function policies(model: CountingModel, count: number) {
  const shared = lockstep(() => model);
  const all = Array.from({ length: count }, () =>
    mpcPolicy({ model: shared.model, planner: pick('planner', planners, 'cem'), settings, now: () => 0 }),
  );
  for (const [seed, policy] of all.entries()) await policy.reset({ seed, goal });
  return { shared, all };
}

describe('plans made together', () => {
  it('are what each is alone, in as many runs as one takes', async () => {
    const alone = await policies(new CountingModel(), 3);
    const expected: Plan[] = [];
    for (const [i, policy] of alone.all.entries()) expected.push(await policy.plan(request(i)));
    const model = new CountingModel();
    const { shared, all } = await policies(model, 3);
    model.encoded.length = 0;
    const results = await shared.together(all.map((policy, i) => () => policy.plan(request(i))));
    expect(results).toEqual(expected.map((value) => ({ status: 'fulfilled', value })));
    expect(model.encoded).toEqual([3]);
    expect(model.jobs.every((jobs) => jobs === 3)).toBe(true);
  });

  it('go on without one that fails, and only that one learns of it', async () => {
    const model = new CountingModel();
    const { shared, all } = await policies(model, 3);
    await all[1]!.setGoal({ kind: 'latent', value: { shape: [2], data: new Float32Array(2).fill(NaN) } });
    const results = await shared.together(all.map((policy, i) => () => policy.plan(request(i))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'a goal that is none' } });
  });

  it('may differ in length: one that still searches is not kept waiting by one that is done', async () => {
    const { shared, all } = await policies(new CountingModel(), 2);
    const long = { ...request(0), budget: { iterations: 9 } };
    const results = await shared.together([() => all[0]!.plan(long), () => all[1]!.plan(request(1))]);
    expect(results.map((r) => r.status === 'fulfilled' && r.value.evidence.iterations)).toEqual([9, 3]);
  });
});

/** A queue over plans that take a second each, and note who was made with whom. */
function queueOf() {
  let time = 0;
  const made: number[][] = [];
  const budgets: (number | undefined)[] = [];
  const done = new Map<number, number>();
  const policyOf = (): Policy =>
    ({
      plan: (next: PlanRequest) => {
        budgets.push(next.budget.seconds);
        return Promise.resolve({} as Plan);
      },
    }) as unknown as Policy;
  const chosen: number[] = [];
  const queue = new PlanQueue({
    now: () => time,
    policyOf: (session) => {
      chosen.push(session);
      return policyOf();
    },
    doneOf: (session) => done.get(session) ?? 0,
    async together(tasks) {
      chosen.length = 0;
      const results = await Promise.allSettled(tasks.map((task) => task()));
      made.push([...chosen]);
      time += tasks.length;
      return results;
    },
    recover: (error) => Promise.resolve(error),
  });
  const ask = (session: number, seconds?: number, after = 0): void =>
    queue.add({
      session,
      request: { ...request(0), budget: { iterations: 1, ...(seconds !== undefined && { seconds }) } },
      arrived: time,
      after,
      resolve: () => undefined,
      reject: () => undefined,
    });
  return { queue, ask, made, budgets, done, wait: (seconds: number) => (time += seconds) };
}

describe('the queue of plans', () => {
  it('takes those together that wait together, one of a session', async () => {
    const { queue, ask, made } = queueOf();
    for (const session of [1, 2, 3, 1]) ask(session);
    await queue.serve();
    await queue.serve();
    expect(made).toEqual([[1, 2, 3], [1]]);
  });

  it('takes no more than the most urgent can bear, once it knows what plans take', async () => {
    const { queue, ask, made } = queueOf();
    for (const session of [1, 2, 3, 4]) ask(session);
    await queue.serve();
    for (const [session, seconds] of [
      [1, 9],
      [2, 2.5],
      [3, 5],
      [4, 5],
    ] as const)
      ask(session, seconds);
    await queue.serve();
    await queue.serve();
    expect(made.slice(1)).toEqual([
      [2, 3],
      [4, 1],
    ]);
  });

  it('counts the time that a plan waited as time used', async () => {
    const { queue, ask, budgets, wait } = queueOf();
    ask(1, 3);
    wait(2);
    await queue.serve();
    expect(budgets).toEqual([1]);
  });

  it('leaves a plan that was asked for after a new goal until that is set', async () => {
    const { queue, ask, made, done } = queueOf();
    ask(1);
    ask(2, undefined, 1);
    await queue.serve();
    done.set(2, 1);
    await queue.serve();
    expect(made).toEqual([[1], [2]]);
  });
});

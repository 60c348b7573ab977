import { describe, expect, it } from 'vitest';
import { tasks } from '#envs/index.js';
import { twoRoom } from '#envs/two-room/task.js';
import { expert } from '#policies/expert.js';
import { privilegedPolicies } from '#policies/index.js';
import { simulatorCem } from '#policies/simulator-cem.js';
import { runVirtual } from '#src/control/virtual-loop.js';
import { mujocoEnvironment } from '#src/env/mujoco-environment.js';
import type { Task } from '#src/env/task.js';
import type { PrivilegedKind } from '#src/planning/policy-kind.js';
import { seen } from '../fakes/linear-world-model.js';
import { zeros } from '#src/tensor.js';

const SEED = 1_500_000;

async function play(
  task: Task,
  kind: PrivilegedKind,
  options: { seed?: number; track?: string; every?: number; latency?: number; samples?: number } = {},
) {
  const { seed = SEED, track = task.tracks[0].name, every = kind.replanInterval, latency = 0 } = options;
  using environment = await mujocoEnvironment(task);
  await using policy = kind.create({
    actionSpec: task.actionSpec,
    rows: 2 * every,
    task,
    overrides: options.samples === undefined ? {} : { samples: options.samples },
  });
  const actions: number[] = [];
  const result = await runVirtual({
    environment,
    policy,
    config: { latency, replanInterval: every },
    episode: { seed, track, variation: {} },
    budget: { iterations: kind.iterations },
    stopOnSuccess: true,
    onTick: (tick) => actions.push(...tick.sent),
  });
  return { ...result, actions };
}

describe.each(tasks)('expert on $name', (task) => {
  it('solves an episode of each track', async () => {
    for (const track of task.tracks) {
      const tries = await Promise.all(
        [0, 1, 2].map((i) => play(task, expert, { seed: SEED + i, track: track.name })),
      );
      expect(tries.filter((t) => t.success).length, track.name).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('expert', () => {
  it('acts the same however often it is asked, for a solver may keep a memory', async () => {
    const often = await play(twoRoom, expert, { track: 'far', every: 1 });
    const rarely = await play(twoRoom, expert, { track: 'far', every: 5 });
    expect(rarely.actions).toEqual(often.actions);
  });

  it('sees the state that its plan will meet when it comes late', async () => {
    expect((await play(twoRoom, expert, { track: 'far', latency: 3 })).success).toBe(true);
  });

  it('is refused for a task without a solver', () => {
    const plain: Task = Object.fromEntries(
      Object.entries(twoRoom).filter(([key]) => key !== 'expert'),
    ) as unknown as Task;
    expect(() =>
      expert.create({ actionSpec: plain.actionSpec, rows: 5, task: plain, overrides: {} }),
    ).toThrow(/task 'two-room' has no scripted expert/);
  });
});

describe('simulator-cem', () => {
  it('goes through the doorway with a perfect model, and to the same place again for the same seed', async () => {
    const once = await play(twoRoom, simulatorCem, { track: 'far', samples: 24 });
    expect(once.success).toBe(true);
    expect((await play(twoRoom, simulatorCem, { track: 'far', samples: 24 })).actions).toEqual(once.actions);
  });
});

describe.each(privilegedPolicies)('privileged policy $name', (kind) => {
  it('refuses to plan from what a robot sees', async () => {
    await using policy = kind.create({
      actionSpec: twoRoom.actionSpec,
      rows: 5,
      task: twoRoom,
      overrides: {},
    });
    const goal = { kind: 'observation', value: seen(0, 0) } as const;
    await policy.reset({ seed: 1, goal });
    const none = zeros([0, 2]);
    await expect(
      policy.plan({ observations: [seen(0, 0)], executed: none, committed: none, budget: { iterations: 1 } }),
    ).rejects.toThrow(/simulator's true state/);
  });
});

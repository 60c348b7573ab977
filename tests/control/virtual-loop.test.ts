import { describe, expect, it } from 'vitest';
import type { Tick } from '../../src/control/tick.ts';
import { runVirtual, type VirtualOptions } from '../../src/control/virtual-loop.ts';
import type { EpisodeSpec } from '../../src/env/environment.ts';
import { JepilotError } from '../../src/errors.ts';
import { LineEnvironment } from '../fakes/line-environment.ts';
import { LinePolicy } from '../fakes/line-policy.ts';

const episode: EpisodeSpec = { seed: 3, track: 'pair', variation: {} };

async function play(policy: LinePolicy, latency: number, options: Partial<VirtualOptions> = {}) {
  const environment = new LineEnvironment(40);
  const ticks: Tick[] = [];
  const result = await runVirtual({
    environment,
    policy,
    config: { latency, replanInterval: 3 },
    episode,
    budget: { iterations: 1 },
    onTick: (tick) => ticks.push(tick),
    ...options,
  });
  return { result, ticks, environment };
}

describe('runVirtual', () => {
  it.each([0, 1, 3, 5])('reaches the goal with latency %i, exactly as late as that', async (latency) => {
    const prompt = await play(new LinePolicy(), 0);
    const { result, ticks } = await play(new LinePolicy(), latency);
    expect(result).toMatchObject({ success: true, successAtEnd: true, steps: 40 });
    expect(result.finalDistance).toBeLessThan(1e-5);
    expect(result.stepsToSuccess).toBe(prompt.result.stepsToSuccess! + latency);
    expect(ticks.slice(0, latency).every((tick) => tick.reason === 'no-plan-yet')).toBe(true);
    expect(ticks.slice(latency).every((tick) => tick.source === 'plan')).toBe(true);
    expect(result.counters).toMatchObject({ ticks: 40, latePlans: 0, droppedPlans: 0, failures: 0 });
    expect(result.planMs).toHaveLength(result.counters.plans);
  });

  it('executes the rows that it told the policy were committed', async () => {
    const policy = new LinePolicy({ window: 4 });
    const { environment } = await play(policy, 2);
    const steps = policy.requests.map((request) => request.observations.at(-1)!.step);
    expect(steps.slice(0, 4)).toEqual([0, 3, 6, 9]);
    policy.requests.forEach(({ committed, executed, observations }, i) => {
      const step = steps[i]!;
      expect([...committed.data]).toEqual(environment.applied.slice(step, step + 2));
      expect([...executed.data]).toEqual(environment.applied.slice(steps[i - 1] ?? 0, step));
      expect(observations.map((o) => o.step)).toEqual(
        [step - 3, step - 2, step - 1, step].filter((s) => s >= 0),
      );
    });
    policy.plans.forEach((plan, i) => expect(plan.startStep).toBe(steps[i]! + 2));
  });

  it('waits for the first plan of a position robot, which has nothing to hold yet', async () => {
    const policy = new LinePolicy();
    const { ticks } = await play(policy, 2, { environment: new LineEnvironment(20, 'position') });
    expect(policy.requests[0]?.committed.shape).toEqual([0, 1]);
    expect(policy.requests[1]?.committed.shape).toEqual([2, 1]);
    expect(ticks.every((tick) => tick.source === 'plan')).toBe(true);
  });

  it('does not depend on how long a plan takes on the wall', async () => {
    const slow = await play(new LinePolicy({ delayMs: (n) => (n * 7) % 5 }), 2);
    const fast = await play(new LinePolicy(), 2);
    expect(slow.ticks).toEqual(fast.ticks);
    const other = await play(new LinePolicy(), 2, { episode: { ...episode, seed: 4 } });
    expect(other.ticks).not.toEqual(fast.ticks);
  });

  it('stops at the first success where asked to', async () => {
    const { result } = await play(new LinePolicy(), 0, { stopOnSuccess: true });
    expect(result.success).toBe(true);
    expect(result.steps).toBe(result.stepsToSuccess);
  });

  it('holds through recoverable failures', async () => {
    const lost = new JepilotError('provider', 'device lost');
    const policy = new LinePolicy({ failure: (n) => (n < 4 ? lost : undefined) });
    const { result, ticks } = await play(policy, 0);
    expect(ticks.slice(0, 5).map((tick) => tick.reason ?? tick.source)).toEqual([
      ...new Array<string>(4).fill('planning-failed'),
      'plan',
    ]);
    expect(result.counters.failures).toBe(4);
    expect(result.success).toBe(true);
  });

  it('throws what broke the policy: at once, or after ten times', async () => {
    const fatal = new LinePolicy({ failure: () => new JepilotError('bad-model', 'no encoder') });
    await expect(play(fatal, 0)).rejects.toThrow('no encoder');
    expect(fatal.requests).toHaveLength(1);
    const lossy = new LinePolicy({ failure: () => new JepilotError('provider', 'device lost') });
    await expect(play(lossy, 1)).rejects.toThrow('device lost');
    expect(lossy.requests).toHaveLength(10);
  });

  it('ends on an abort with its reason, and leaves the policy idle', async () => {
    const controller = new AbortController();
    const policy = new LinePolicy({ delayMs: () => 5 });
    const run = play(policy, 3, {
      signal: controller.signal,
      onTick: (tick) => {
        if (tick.step === 4) controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(policy.plans).toHaveLength(policy.requests.length);
  });

  it('shows the true state to a privileged policy only', async () => {
    const seeing = new LinePolicy({ privileged: true });
    const blind = new LinePolicy();
    await play(seeing, 0);
    await play(blind, 0);
    for (const { privileged, observations } of seeing.requests) {
      expect(Math.fround(privileged!.state[0]!)).toBe(observations.at(-1)!.state[0]);
    }
    expect(blind.requests.every((request) => request.privileged === undefined)).toBe(true);
  });

  it('asks for no plan that could act only after the end', async () => {
    const policy = new LinePolicy();
    await play(policy, 5);
    expect(policy.plans.every((plan) => plan.startStep < 40)).toBe(true);
  });
});

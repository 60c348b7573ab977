import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../src/control/clock.ts';
import { controlLoop, type ControlLoopOptions } from '../../src/control/control-loop.ts';
import type { Command } from '../../src/control/core.ts';
import type { Tick } from '../../src/control/tick.ts';
import type { Goal } from '../../src/planning/policy.ts';
import { SimulatedRobot } from '../../src/robot/simulated-robot.ts';
import { LineEnvironment } from '../fakes/line-environment.ts';
import { LinePolicy } from '../fakes/line-policy.ts';

const episode = { seed: 3, track: 'pair', variation: {} };

function start(policy: LinePolicy, options: Partial<ControlLoopOptions> = {}) {
  const environment = new LineEnvironment(40);
  const robot = new SimulatedRobot(environment, episode);
  const goal: Goal = { kind: 'observation', value: environment.render(environment.goal()) };
  const ticks: Tick[] = [];
  // The wall clock, with a period of 4 ms: nothing below depends on how well it is met.
  const clock = realClock();
  const quick = { now: () => clock.now(), ticks$: () => clock.ticks$(0.004) };
  const config = { latency: 1, replanInterval: 2 };
  const loop = controlLoop({ robot, policy, config, clock: quick, goal, seed: 1, iterations: 2, ...options });
  loop.tick$.subscribe((tick) => ticks.push(tick));
  return { environment, robot, loop, ticks };
}

describe('controlLoop', () => {
  it('plays an episode to its end and reports', async () => {
    const policy = new LinePolicy({ rows: 30 });
    const { loop, ticks, environment } = start(policy, { deadlineSeconds: 0.25 });
    const { stop, cadence } = await loop.done;
    expect(stop).toEqual({ cause: 'ended', reason: 'the robot ended' });
    expect(ticks.map((tick) => tick.step)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(ticks.map((tick) => tick.sent[0])).toEqual(environment.applied);
    expect(cadence.counters.ticks).toBe(40);
    expect(cadence.targetHz).toBeCloseTo(10, 9);
    expect(policy.requests[0]?.budget).toEqual({ iterations: 2, seconds: 0.25 });
  });

  it('ends on a stop with a hold as its last tick', async () => {
    const { loop, ticks, robot } = start(new LinePolicy());
    loop.tick$.subscribe((tick) => {
      if (tick.step === 3) loop.stop('enough');
    });
    const { stop } = await loop.done;
    expect(stop).toEqual({ cause: 'commanded', reason: 'enough' });
    expect(ticks).toHaveLength(5);
    expect(ticks.at(-1)).toMatchObject({ source: 'hold', reason: 'stopping' });
    let completed = false;
    robot.observation$.subscribe({ complete: () => (completed = true) });
    expect(completed).toBe(true);
  });

  it('obeys an order that was given while the policy was being reset', async () => {
    const commands$ = new Subject<Command>();
    const { loop, ticks } = start(new LinePolicy(), { commands$ });
    commands$.next({ kind: 'stop', reason: 'never mind' });
    expect((await loop.done).stop.reason).toBe('never mind');
    expect(ticks.length).toBeLessThanOrEqual(1);
    expect(commands$.observed).toBe(false);
  });

  it('tells the error that ended it', async () => {
    const lost = new Error('what is this?');
    const { loop } = start(new LinePolicy({ failure: () => lost }));
    const { stop, cadence } = await loop.done;
    expect(stop).toMatchObject({ cause: 'failed', error: lost });
    expect(cadence.counters.failures).toBe(10);
  });

  it('rejects where the policy cannot be reset, and stops the robot', async () => {
    class Unready extends LinePolicy {
      override reset(): Promise<void> {
        return Promise.reject(new Error('no model'));
      }
    }
    const { loop, ticks, robot } = start(new Unready());
    await expect(loop.done).rejects.toThrow('no model');
    expect(ticks).toHaveLength(0);
    let armed = true;
    robot.status$.subscribe({ next: (status) => (armed = status.armed), complete: () => (armed = false) });
    expect(armed).toBe(false);
  });
});

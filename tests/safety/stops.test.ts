import { describe, expect, it } from 'vitest';
import { reduce, type Command } from '../../src/control/core.ts';
import { coreSafety } from '../../src/control/safety.ts';
import { initialState, type CoreConfig } from '../../src/control/state.ts';
import { SimulatedRobot } from '../../src/robot/simulated-robot.ts';
import type { ActionMode, ActionSpec } from '../../src/spec.ts';
import type { Tick } from '../../src/control/tick.ts';
import { planOf } from '../fakes/plan-of.ts';
import { LineEnvironment } from '../fakes/line-environment.ts';
import { observationAt } from '../fakes/watched-robot.ts';

/** What a core at full speed sends once it has been told something, until it says no more or `most` steps are over. */
function after(command: Command, mode: ActionMode, most = 8): number[] {
  const actionSpec: ActionSpec = {
    dim: 1,
    minimum: [-1],
    maximum: [1],
    names: ['x'],
    mode,
    motion: { acceleration: [4] },
  };
  const initialCommand = Float32Array.of(0);
  const safety = coreSafety(actionSpec, 0.1);
  const config: CoreConfig = { actionSpec, window: 1, latency: 0, replanInterval: 9, safety, initialCommand };
  let state = initialState(config);
  const sent: number[] = [];
  const tick = (): boolean => {
    const [next, tick] = reduce(config, state, { kind: 'tick' });
    state = next;
    if (tick) sent.push(Number(tick.sent[0]!.toFixed(4)));
    return tick !== null;
  };
  [state] = reduce(config, state, { kind: 'observation', observation: observationAt(0) });
  [state] = reduce(config, state, { kind: 'plan', plan: planOf(0, 0, [1, 1, 1, 1, 1, 1]) });
  for (let i = 0; i < 3; i++) tick();
  [state] = reduce(config, state, { kind: 'command', command });
  const before = sent.length;
  for (let i = 0; i < most && tick(); i++);
  return sent.slice(before);
}

describe('where acceleration is limited', () => {
  it('a stop slows a velocity down to zero, and only then ends', () => {
    expect(after({ kind: 'stop', reason: 'enough' }, 'velocity')).toEqual([0.6, 0.2, 0]);
  });

  it('a hold slows a position down and stays where that ends', () => {
    expect(after({ kind: 'hold' }, 'position', 6)).toEqual([0.32, 0.36, 0.36, 0.36, 0.36, 0.36]);
  });

  it('an emergency stop takes no ramp', () => {
    expect(after({ kind: 'estop' }, 'velocity', 3)).toEqual([0, 0, 0]);
    expect(after({ kind: 'estop' }, 'position', 2)).toEqual([0.24, 0.24]);
  });
});

describe('a simulated robot with brakes', () => {
  const tick = (step: number, reason?: Tick['reason']): Tick => ({
    step,
    time: 0,
    planned: null,
    sent: Float32Array.of(reason ? 0 : 1),
    source: reason ? 'hold' : 'plan',
    ...(reason && { reason }),
    planId: null,
    age: null,
    clamped: false,
  });

  it('stands still until it is armed, and its steps go on all the same', () => {
    const environment = new LineEnvironment(2);
    const robot = new SimulatedRobot(
      environment,
      { seed: 1, track: 'pair', variation: {} },
      { brakes: true },
    );
    const steps: number[] = [];
    robot.observation$.subscribe(({ step }) => steps.push(step));
    robot.send(tick(0, 'not-armed'));
    robot.send(tick(1, 'not-armed'));
    robot.send(tick(2));
    robot.send(tick(3, 'link-silent'));
    expect(steps).toEqual([0, 1, 2, 3, 4]);
    expect(environment.applied).toEqual([1, 0]); // a hold of an armed robot is a command
  });
});

import { describe, expect, it } from 'vitest';
import type { Tick } from '../../src/control/tick.ts';
import type { Observation } from '../../src/env/observation.ts';
import { SimulatedRobot } from '../../src/robot/simulated-robot.ts';
import type { RobotStatus } from '../../src/robot/robot.ts';
import { LineEnvironment } from '../fakes/line-environment.ts';

const episode = { seed: 1, track: 'pair', variation: {} };

const tickOf = (step: number, sent: number): Tick => ({
  step,
  time: 0,
  planned: null,
  sent: Float32Array.of(sent),
  source: 'hold',
  reason: 'no-plan-yet',
  planId: null,
  age: null,
  clamped: false,
});

function watch(robot: SimulatedRobot) {
  const observations: Observation[] = [];
  const seen = { observations, completed: false };
  robot.observation$.subscribe({
    next: (observation) => observations.push(observation),
    complete: () => (seen.completed = true),
  });
  return seen;
}

describe('SimulatedRobot', () => {
  it('shows where it is at once, and where each action took it', () => {
    const robot = new SimulatedRobot(new LineEnvironment(10), episode);
    const { observations } = watch(robot);
    robot.send(tickOf(0, 1));
    robot.send(tickOf(1, -0.5));
    const [a, b, c] = observations.map((observation) => observation.state[0]!);
    expect(observations.map((observation) => observation.step)).toEqual([0, 1, 2]);
    expect(b! - a!).toBeCloseTo(0.1, 5);
    expect(c! - b!).toBeCloseTo(-0.05, 5);
  });

  it('gives a late subscriber the latest observation and status', () => {
    const robot = new SimulatedRobot(new LineEnvironment(10), episode);
    robot.send(tickOf(0, 1));
    expect(watch(robot).observations.map((observation) => observation.step)).toEqual([1]);
    let status: RobotStatus | undefined;
    robot.status$.subscribe((latest) => (status = latest));
    expect(status).toEqual({ step: 1, link: 'up', armed: true, emergencyStop: false });
  });

  it('completes with its episode, and ignores what is sent later', () => {
    const environment = new LineEnvironment(2);
    const robot = new SimulatedRobot(environment, episode);
    const seen = watch(robot);
    for (let step = 0; step < 4; step++) robot.send(tickOf(step, 0));
    expect(seen.completed).toBe(true);
    expect(seen.observations).toHaveLength(3);
    expect(environment.applied).toHaveLength(2);
  });

  it('ends at the first success where asked to', () => {
    const robot = new SimulatedRobot(new LineEnvironment(40), episode, { stopOnSuccess: true });
    const successes: boolean[] = [];
    robot.timeStep$.subscribe((timeStep) => successes.push(timeStep.success));
    for (let step = 0; step < 40; step++) robot.send(tickOf(step, 1));
    expect(successes.indexOf(true)).toBe(successes.length - 1);
  });

  it('stops once, disarmed, and refuses an action that it cannot take before that', async () => {
    const robot = new SimulatedRobot(new LineEnvironment(10), episode);
    const seen = watch(robot);
    const armed: boolean[] = [];
    robot.status$.subscribe((status) => armed.push(status.armed));
    expect(() => robot.send(tickOf(0, 7))).toThrow("'velocity' is 7");
    robot.stop();
    await robot[Symbol.asyncDispose]();
    expect(seen.completed).toBe(true);
    expect(armed.at(-1)).toBe(false);
  });
});

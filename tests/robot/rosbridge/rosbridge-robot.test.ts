import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/env/observation.ts';
import type { Condition } from '../../../src/robot/rosbridge/condition.ts';
import { LineRobot, tickOf } from '../../fakes/line-robot.ts';
import { until } from '../../fakes/ros.ts';

/** Everything that a robot told of itself. */
function watch({ robot }: LineRobot) {
  const observations: Observation[] = [];
  const conditions: Condition['kind'][] = [];
  const reasons: string[] = [];
  robot.observation$.subscribe((observation) => observations.push(observation));
  robot.condition$.subscribe((condition) => {
    conditions.push(condition.kind);
    if ('reason' in condition) reasons.push(condition.reason);
  });
  return { observations, conditions, reasons };
}

/** Pictures, state and answers on time for a while. */
async function live(line: LineRobot, seconds: number): Promise<void> {
  for (let t = 0; t < seconds; t += 0.1) {
    await line.show(3);
    await line.pass(0.1);
  }
}

describe('a robot behind rosbridge', () => {
  it('shows its picture and its state in our units, and counts control steps', async () => {
    await using line = await LineRobot.open(false);
    const { observations } = watch(line);
    await line.show(3);
    expect(observations[0]).toMatchObject({ step: 0, state: Float32Array.of(3) });
    expect(Array.from(observations[0]!.images['side']!.data.subarray(6, 15))).toEqual([
      0, 0, 0, 255, 255, 255, 0, 0, 0,
    ]);
    await line.pass(0.012);
    line.robot.send(tickOf(0, 0.5));
    await line.show(4);
    await line.pass(0.012);
    await line.show(5);
    expect(observations.map(({ step }) => step)).toEqual([0, 0, 1]);
  });

  it('sends nothing at all in a dry run', async () => {
    await using line = await LineRobot.open(false);
    const shown: boolean[] = [];
    line.robot.command$.subscribe(({ sent }) => shown.push(sent));
    const counts = line.connection.counts.sent;
    line.robot.arm();
    line.robot.send(tickOf(0, 1));
    expect(shown).toEqual([false]);
    expect(line.connection.counts.sent).toBe(counts);
  });

  it('sends what is planned, in the robot’s unit and within its limits, once armed', async () => {
    await using line = await LineRobot.open(true);
    const got: unknown[] = [];
    await live(line, 0.2);
    line.robot.send(tickOf(0, 1));
    line.robot.arm();
    line.robot.send(tickOf(1, 0.25));
    line.robot.send(tickOf(2, 5));
    await until(() => line.ros.graph.typeOf('/command') !== undefined);
    line.ros.graph.listen('/command', (message) => got.push((message as { data: number[] }).data));
    line.robot.send(tickOf(3, -0.5));
    await until(() => got.length > 0 && line.robot.report().echoSeconds.length === 3);
    expect(got.at(-1)).toEqual([-500]);
    expect(line.robot.proven).toBe(true);
    expect(line.robot.report().foreign).toBe(0);
  });

  it('never puts a NaN on the wire', async () => {
    await using line = await LineRobot.open(true);
    line.robot.arm();
    const { sent } = line.connection.counts;
    expect(() => line.robot.send(tickOf(0, NaN))).toThrow(/velocity.* is NaN/);
    expect(line.connection.counts.sent).toBe(sent);
  });

  it('finds out that the bridge refuses its commands, though nobody says so', async () => {
    await using line = await LineRobot.open(true, 'geometry_msgs/Twist');
    const { conditions, reasons } = watch(line);
    await live(line, 0.3);
    line.robot.arm();
    line.robot.send(tickOf(0, 0));
    await live(line, 0.7);
    expect(line.robot.proven).toBe(false);
    expect(conditions.slice(-2)).toEqual(['stale', 'lost']);
    expect(reasons.at(-1)).toMatch(/no command came back for \d+ ms/);
  });

  it('takes a bridge that hears nothing for lost, though its topics go on', async () => {
    await using line = await LineRobot.open(false);
    const { conditions, reasons } = watch(line);
    await live(line, 2.5);
    expect(conditions).toEqual(['stale', 'good']);
    for (const socket of line.ros.server.sockets) socket.pause();
    await live(line, 0.4);
    expect(conditions).toEqual(['stale', 'good', 'stale']);
    await live(line, 0.3);
    expect(reasons.at(-1)).toMatch(/the bridge answered nothing for \d+ ms/);
    for (const socket of line.ros.server.sockets) socket.resume();
    await live(line, 0.5);
    expect(conditions).toEqual(['stale', 'good', 'stale', 'lost']);
  });

  it('is lost with its cable', async () => {
    await using line = await LineRobot.open(true);
    const { conditions, reasons } = watch(line);
    await live(line, 0.2);
    line.robot.arm();
    for (const socket of line.ros.server.sockets) socket.terminate();
    await until(() => conditions.at(-1) === 'lost');
    expect(reasons.at(-1)).toMatch(/the link to the bridge ended/);
    line.robot.send(tickOf(0, 1));
    expect(line.connection.open).toBe(false);
  });

  it('stops for good when somebody presses the button', async () => {
    await using line = await LineRobot.open(false);
    const { conditions, reasons } = watch(line);
    await live(line, 0.2);
    line.ros.graph.publish('/stop', { data: false });
    line.ros.graph.publish('/stop', { data: true });
    await until(() => conditions.at(-1) === 'emergency');
    line.ros.graph.publish('/stop', { data: false });
    await live(line, 0.2);
    expect(conditions.at(-1)).toBe('emergency');
    expect(reasons.at(-1)).toBe('/stop says stop');
  });

  it('stops for good when somebody else drives the robot that it drives', async () => {
    await using line = await LineRobot.open(true);
    const { conditions, reasons } = watch(line);
    await live(line, 0.2);
    line.robot.arm();
    await until(() => line.ros.graph.typeOf('/command') !== undefined);
    line.robot.send(tickOf(0, 0.5));
    line.ros.graph.publish('/command', { data: [123] });
    await until(() => conditions.at(-1) === 'emergency');
    expect(reasons.at(-1)).toBe('somebody else commands /command');
  });

  it('holds on a camera that stands still, and gives it up in the end', async () => {
    await using line = await LineRobot.open(false);
    const { conditions, reasons, observations } = watch(line);
    await live(line, 0.3);
    const seen = observations.length;
    const header = { stamp: { sec: 1000, nanosec: 0 } };
    for (let i = 0; i < 4; i++) {
      line.ros.graph.publish('/camera/image_raw', { header });
      await line.pass(0.1);
    }
    expect(conditions.at(-1)).toBe('stale');
    expect(reasons.at(-1)).toContain('/camera/image_raw');
    await line.pass(1);
    expect(conditions.at(-1)).toBe('lost');
    expect(observations).toHaveLength(seen);
    expect(line.robot.report().topics[0]).toMatchObject({ fault: 'the stamp backwards' });
  });

  it('goes on with the next picture after a damaged one', async () => {
    await using line = await LineRobot.open(false);
    const { observations } = watch(line);
    await line.pass(0.01);
    await line.show(1, { data: 'AAAA' });
    await line.pass(0.1);
    await line.show(2, { encoding: '32FC1' });
    await line.pass(0.1);
    await line.show(4);
    expect(observations.map(({ state }) => state[0])).toEqual([4]);
    const { refused, fault } = line.robot.report().topics[0]!;
    expect([refused, fault]).toEqual([2, expect.stringMatching(/encoding is "32FC1"; known: rgb8/)]);
  });

  it('takes no more actions once it was stopped', async () => {
    await using line = await LineRobot.open(true);
    line.robot.arm();
    line.robot.stop();
    const { sent } = line.connection.counts;
    line.robot.arm();
    line.robot.send(tickOf(0, 1));
    expect(line.connection.counts.sent).toBe(sent);
  });
});

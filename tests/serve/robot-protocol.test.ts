import { afterEach, describe, expect, it } from 'vitest';
import { noEvidence } from '../../src/planning/plan.ts';
import { NdArray } from '../../src/wire/ndarray.ts';
import { actionOf, evidenceToWire } from '../../src/wire/robot-conversions.ts';
import { environment, none, Visitor } from '../fakes/visitor.ts';

let visitor: Visitor;
afterEach(() => visitor.channels.cut());

describe('the planning end answers bad input with a typed error', () => {
  it('a wrong version, and another robot than the task’s, each of them fatal', async () => {
    visitor = new Visitor();
    visitor.hello({ version: 2 });
    await visitor.pass(0.1);
    expect(visitor.errors).toEqual(['wrong-version!']);
    expect(visitor.end).toMatchObject({ code: 1008, reason: 'wrong-version: version 2; this end speaks 1' });
    const two = new Visitor();
    two.hello({ action: { ...actionOf(environment.actionSpec), dim: 2 } });
    await two.pass(0.1);
    expect(two.errors).toEqual(['shape-mismatch!']);
    expect(two.of('error')[0]?.message).toBe(
      "robot 'visitor' has actions of dimension 2; task 'line' is planned with 1",
    );
    expect(two.session?.closed).toMatch('actions of dimension');
  });

  it('no place left, and no hello within five seconds', async () => {
    visitor = new Visitor();
    visitor.full = true;
    visitor.hello();
    await visitor.pass(0.1);
    expect(visitor.errors).toEqual(['refused!']);
    const late = new Visitor();
    await late.time.pass(5.2);
    expect(late.errors).toEqual(['hello-timeout!']);
  });

  it('an observation before the hello, garbage before it, and a second hello', async () => {
    visitor = new Visitor();
    visitor.observe(0);
    await visitor.welcomed();
    visitor.hello();
    await visitor.pass(0.1);
    expect(visitor.errors).toEqual(['no-hello', 'second-hello']);
    expect(visitor.end).toBeNull();
    const rude = new Visitor();
    rude.channels.robot.send(Uint8Array.of(1, 2, 3));
    await rude.pass(0.1);
    expect(rude.errors).toEqual(['bad-message!']);
  });

  it('messages that only a planning end sends, and frames that are none', async () => {
    visitor = await new Visitor().welcomed();
    const timing = { queueMs: 0, encodeMs: 0, searchMs: 0, planMs: 0 };
    const evidence = evidenceToWire(noEvidence);
    visitor.say({
      t: 'chunk',
      epoch: 0,
      re: 0,
      id: 0,
      startStep: 0,
      committed: 0,
      actions: none,
      timing,
      evidence,
      reached: null,
    });
    visitor.say({ t: 'command', id: 9, command: { kind: 'order', order: 'arm', by: 'me' } });
    visitor.channels.robot.send(new TextEncoder().encode('{"t":"arm"}'));
    await visitor.pass(0.1);
    expect(visitor.errors).toEqual(['wrong-end', 'wrong-end', 'bad-message']);
    visitor.observe(0);
    await visitor.pass(0.1);
    expect(visitor.of('chunk')).toHaveLength(1); // it goes on as if nothing had been
  });
});

describe('executed steps', () => {
  const tick = { step: 3, time: 0.15, planned: null, source: 'hold', reason: 'link-silent' } as const;
  const rest = { planId: null, age: null, clamps: [] };
  const sent = (dim: number) => new NdArray('<f4', [dim], new Float32Array(dim));

  it('reach those who watch the session, as they were', async () => {
    visitor = await new Visitor().welcomed();
    visitor.say({ t: 'ticks', ticks: [{ ...tick, ...rest, sent: sent(1) }] });
    await visitor.pass(0.1);
    const { session } = visitor;
    expect(session?.ticks).toEqual([{ ...tick, ...rest, sent: new Float32Array(1), clamped: false }]);
  });

  it('of another dimension are refused, every one of the message', async () => {
    visitor = await new Visitor().welcomed();
    const ticks = [1, 2].map((dim) => ({ ...tick, ...rest, sent: sent(dim) }));
    visitor.say({ t: 'ticks', ticks });
    await visitor.pass(0.1);
    expect(visitor.errors).toEqual(['shape-mismatch']);
    expect(visitor.session?.ticks).toEqual([]);
  });
});

describe('one plan at a time', () => {
  it('from the newest observation: those that are overtaken are never planned from', async () => {
    visitor = await new Visitor({ delay: () => 0.2 }).welcomed();
    for (const step of [1, 2, 3, 4]) visitor.observe(step);
    await visitor.pass(0.6);
    expect(visitor.session?.requests.map(({ observations }) => observations[0]!.step)).toEqual([1, 4]);
    expect(visitor.of('chunk').map(({ startStep }) => startStep)).toEqual([1, 4]);
    expect(visitor.dropped).toEqual(Array(2).fill('observation: a newer observation took its place'));
  });

  it('a running plan of an old epoch is finished, and thrown away', async () => {
    visitor = await new Visitor({ delay: () => 0.1 }).welcomed();
    visitor.observe(1);
    await visitor.pass(0.05);
    visitor.observe(2, { epoch: 1 });
    visitor.observe(3, { epoch: 0 });
    await visitor.pass(0.4);
    expect(visitor.of('chunk').map(({ epoch, startStep }) => [epoch, startStep])).toEqual([[1, 2]]);
  });

  it('an observation that was long on its way is not planned from', async () => {
    visitor = await new Visitor().welcomed();
    const seq = visitor.observe(1, { time: visitor.time.now() - 0.4 });
    await visitor.pass(0.1);
    expect(visitor.of('error')[0]).toMatchObject({ code: 'stale-observation', re: seq, fatal: false });
    expect(visitor.of('chunk')).toEqual([]);
  });

  it('executed rows are those since the last observation that was planned from, whatever was sent', async () => {
    visitor = await new Visitor().welcomed();
    const rows = (n: number) =>
      new NdArray(
        '<f4',
        [n, 1],
        Float32Array.from({ length: n }, (_, i) => i),
      );
    visitor.observe(6, { executed: rows(6) });
    await visitor.pass(0.1);
    visitor.observe(9, { executed: rows(9) });
    await visitor.pass(0.1);
    expect(visitor.session?.requests[1]?.executed).toEqual({ shape: [3, 1], data: Float32Array.of(6, 7, 8) });
  });

  it('a chunk that waits for a slow reader is replaced by a newer one', async () => {
    visitor = await new Visitor().welcomed();
    visitor.channels.planner.buffered = 5000;
    visitor.observe(1);
    await visitor.pass(0.1);
    visitor.observe(2);
    await visitor.pass(0.1);
    expect(visitor.of('chunk')).toEqual([]);
    visitor.channels.planner.buffered = 0;
    await visitor.pass(0.1);
    expect(visitor.of('chunk').map(({ startStep }) => startStep)).toEqual([2]);
    expect(visitor.dropped).toEqual(['chunk: a newer one took its place']);
  });
});

describe('who is silent is stale', () => {
  it('without beats within half a second; after five the connection is given up', async () => {
    visitor = await new Visitor().welcomed();
    const at = visitor.time.now();
    await visitor.pass(0.5, false);
    const stale = visitor.session?.reports.find(({ link }) => link === 'stale');
    expect(stale && stale.time - at).toBeLessThanOrEqual(0.5);
    await visitor.pass(5, false);
    expect(visitor.end?.reason).toMatch('silent');
    expect(visitor.session?.closed).toBe('the robot disconnected');
  });

  it('with beats but without an acknowledgement, too', async () => {
    visitor = await new Visitor().welcomed();
    visitor.observe(1);
    await visitor.pass(0.6);
    expect(visitor.session?.reports.at(-1)?.link).toBe('stale');
    visitor.say({ t: 'ack', re: visitor.of('chunk')[0]!.seq, result: 'accepted', step: 2 });
    await visitor.pass(0.1);
    expect(visitor.session?.reports.at(-1)).toMatchObject({ link: 'up', step: 2 });
  });
});

describe('orders', () => {
  it('are repeated until they are acknowledged, and an emergency stop voids those before it', async () => {
    visitor = await new Visitor().welcomed();
    visitor.session?.order('arm');
    visitor.session?.order('estop');
    await visitor.pass(0.9);
    const orders = visitor
      .of('command')
      .map(({ id, command }) => [id, command.kind === 'order' && command.order]);
    expect(orders.slice(0, 3)).toEqual([
      [0, 'arm'],
      [1, 'estop'],
      [1, 'estop'],
    ]);
    expect(orders.length).toBeGreaterThan(3);
    visitor.say({ t: 'ack', re: visitor.of('command').at(-1)!.seq, result: 'done', step: 1 });
    await visitor.pass(0.1);
    const count = visitor.of('command').length;
    await visitor.pass(1);
    expect(visitor.of('command')).toHaveLength(count);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { noEvidence } from '../../src/planning/plan.ts';
import { PlannerEnd } from '../../src/serve/robot/planner-end.ts';
import { JepilotError } from '../../src/errors.ts';
import { NdArray } from '../../src/wire/ndarray.ts';
import { actionOf, evidenceToWire, frameOf } from '../../src/wire/robot-conversions.ts';
import { decodeFrame, encodeFrame } from '../../src/wire/robot-frame.ts';
import type { MessageOf, RobotMessage, Unsent } from '../../src/wire/robot-messages.ts';
import { RobotPeer } from '../../src/wire/robot-peer.ts';
import { LineEnvironment } from '../fakes/line-environment.ts';
import { LineSession, type LineSessionOptions } from '../fakes/line-sessions.ts';
import { pairedChannels, untouched } from '../fakes/paired-channels.ts';
import { VirtualTime } from '../fakes/virtual-time.ts';

const environment = new LineEnvironment();
const first = environment.reset({ seed: 1, track: 'pair', variation: {} }).observation;
const none = new NdArray('<f4', [0, 1], new Float32Array(0));

/** A robot that says what a test tells it to, and hears what the planning end answers. */
class Visitor {
  readonly time = new VirtualTime();
  readonly channels = pairedChannels(this.time, untouched);
  readonly heard: RobotMessage[] = [];
  readonly dropped: string[] = [];
  session: LineSession | null = null;
  end: { readonly code: number; readonly reason: string } | null = null;
  #seq = 0;
  full = false;

  constructor(options: Pick<LineSessionOptions, 'delay'> = {}) {
    const { time } = this;
    this.channels.robot.frame$.subscribe((frame) => this.heard.push(decodeFrame(frame)));
    void this.channels.robot.ended.then((end) => (this.end = end));
    new PlannerEnd({
      peer: new RobotPeer(this.channels.planner, time),
      pulse: time,
      heartbeat: 0.1,
      observationAge: 0.25,
      bufferedBytes: 1000,
      open: async (request) => {
        if (this.full) throw new JepilotError('refused', 'four sessions are open; no more are allowed');
        return (this.session = new LineSession(
          { time, environment, ...options },
          { ...request, protocol: 'robot', peer: 'c' },
        ));
      },
      onDelivered: () => undefined,
      onDropped: (what, reason) => this.dropped.push(`${what}: ${reason}`),
    });
  }

  say(message: Unsent): number {
    this.channels.robot.send(encodeFrame({ ...message, seq: this.#seq } as RobotMessage));
    return this.#seq++;
  }

  hello(change: Partial<MessageOf<'hello'>> = {}): void {
    const action = actionOf(environment.actionSpec);
    const head = { t: 'hello', version: 1, robot: 'visitor', task: 'line', action } as const;
    this.say({
      ...head,
      controlPeriod: 0.05,
      heartbeat: 0.1,
      clock: this.time.now(),
      settings: {},
      ...change,
    });
  }

  async welcomed(): Promise<this> {
    this.hello();
    const goal = { kind: 'observation', frame: frameOf(environment.render(environment.goal())) } as const;
    this.say({ t: 'command', id: 0, command: { kind: 'episode', seed: 1, goal } });
    await this.pass(0.05);
    return this;
  }

  observe(step: number, change: Partial<MessageOf<'observation'>> = {}): number {
    const frames = [frameOf({ ...first, step })];
    const budget = { iterations: null, seconds: null };
    const time = this.time.now();
    return this.say({
      t: 'observation',
      epoch: 0,
      time,
      frames,
      executed: none,
      committed: none,
      budget,
      ...change,
    });
  }

  /** Lets time pass, beating. */
  async pass(seconds: number, beats = true): Promise<void> {
    for (let left = seconds; left > 1e-9; left -= 0.05) {
      if (beats) this.say({ t: 'beat', time: this.time.now(), echo: null, seen: null, done: null });
      await this.time.pass(Math.min(0.05, left));
    }
  }

  of<T extends RobotMessage['t']>(t: T): MessageOf<T>[] {
    return this.heard.filter((message): message is MessageOf<T> => message.t === t);
  }

  get errors(): string[] {
    return this.of('error').map(({ code, fatal }) => (fatal ? `${code}!` : code));
  }
}

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

import { describe, expect, it } from 'vitest';
import { guard } from '../../src/safety/guard.ts';
import {
  initialGuard,
  type GuardCommand,
  type GuardConfig,
  type GuardEvent,
} from '../../src/safety/guard-state.ts';
import { defaultLimits } from '../../src/safety/limits.ts';

const period = 0.05;
const config: GuardConfig = { limits: defaultLimits, period, supervised: true };

/** A guard whose clock is wound by hand; beats and observations come on time unless told otherwise. */
class Bench {
  state = initialGuard(config);
  time = 0;

  give(event: GuardEvent): this {
    this.state = guard(config, this.state, event);
    return this;
  }

  order(command: GuardCommand): this {
    return this.give({ kind: 'command', time: this.time, command });
  }

  pass(
    seconds: number,
    { beats = true, sees = true, row }: { beats?: boolean; sees?: boolean; row?: boolean } = {},
  ): this {
    for (const end = this.time + seconds - period / 2; this.time < end;) {
      this.time += period;
      const { time } = this;
      if (beats) this.give({ kind: 'beat', time });
      if (sees) this.give({ kind: 'observation', time });
      this.give({ kind: 'check', time });
      if (row !== undefined) this.give({ kind: 'row', time, clamped: row });
    }
    return this;
  }

  running(): this {
    this.give({ kind: 'link', time: this.time, up: true }).pass(1.2);
    this.give({ kind: 'plan', time: this.time, gap: 0.01, at: 'x' });
    return this.order('arm').order('start');
  }

  get now(): string {
    return [this.state.mode, this.state.reason].filter((part) => part !== null).join(': ');
  }
}

describe('arming', () => {
  it('lacks a link, a second of beats and observations, a plan, and a first row that is near', () => {
    const bench = new Bench().order('arm');
    expect(bench.state.lacking).toHaveLength(4);
    bench.give({ kind: 'link', time: 0, up: true }).pass(0.6).order('arm');
    expect(bench.state.lacking[0]).toMatch('beats have been on time for 0.5 s of 1 s');
    bench.pass(0.6).give({ kind: 'plan', time: bench.time, gap: 0.3, at: 'elbow' }).order('arm');
    expect(bench.state.lacking).toEqual([
      'the first row is 0.3 away from the present command at elbow; it may be 0.05',
    ]);
    expect(bench.now).toBe('idle: not-armed');
    bench.give({ kind: 'plan', time: bench.time, gap: 0.04, at: 'elbow' }).order('arm');
    expect(bench.now).toBe('armed: not-armed');
    expect(bench.order('start').now).toBe('running');
  });

  it('begins its second anew after a late beat', () => {
    const bench = new Bench()
      .give({ kind: 'link', time: 0, up: true })
      .pass(0.9)
      .pass(0.3, { beats: false })
      .pass(0.9);
    expect(bench.order('arm').state.lacking[0]).toMatch(/^beats have been on time for 0/);
  });

  it('is undone by silence before the start', () => {
    const bench = new Bench().running().order('reset').pass(1.2);
    bench.give({ kind: 'plan', time: bench.time, gap: 0, at: 'x' }).order('arm');
    expect(bench.now).toBe('armed: not-armed');
    expect(bench.pass(0.35, { beats: false }).now).toBe('idle: not-armed');
  });
});

describe('silence', () => {
  it('of the link holds, ends with a beat, and stops for good when it lasts', () => {
    const bench = new Bench().running();
    expect(bench.pass(0.25, { beats: false }).now).toBe('running');
    expect(bench.pass(0.05, { beats: false }).now).toBe('holding: link-silent');
    expect(bench.pass(0.05).now).toBe('running');
    expect(bench.pass(0.55, { beats: false }).now).toBe('stopped: stopped');
    expect(bench.pass(3).order('arm').order('start').now).toBe('stopped: stopped');
    expect(bench.state.cause).toBe('link-silent');
    expect(bench.order('clear').now).toBe('idle: not-armed');
  });

  it('is not forgiven by a beat that comes after the hard limit', () => {
    const bench = new Bench().running();
    bench.give({ kind: 'beat', time: bench.time + 0.6 });
    expect(bench.now).toBe('stopped: stopped');
  });

  it('of the sensors holds after a second, of the rows after theirs', () => {
    expect(new Bench().running().pass(1.1, { sees: false }).now).toBe('holding: sensors-silent');
    const bench = new Bench().running().pass(0.2, { row: false });
    expect(bench.pass(0.2).now).toBe('holding: rows-silent');
    expect(bench.pass(0.1, { row: false }).now).toBe('running');
  });
});

describe('latches, sessions, plans', () => {
  it('an emergency stop outlasts everything but a clear, and needs arming anew', () => {
    const bench = new Bench().running();
    const { epoch } = bench.state;
    for (const command of ['estop', 'reset', 'arm', 'start'] as const) bench.order(command);
    bench.give({ kind: 'link', time: bench.time, up: true }).pass(2);
    expect(bench.now).toBe('estop: emergency-stop');
    expect(bench.order('clear').now).toBe('idle: not-armed');
    expect(bench.order('start').now).toBe('idle: not-armed');
    expect(bench.state.epoch).toBeGreaterThan(epoch);
  });

  it('a new session is idle and of another epoch, whatever went before', () => {
    const bench = new Bench().running();
    const { epoch } = bench.state;
    bench.give({ kind: 'link', time: bench.time, up: false });
    expect(bench.now).toBe('holding: link-silent');
    bench.give({ kind: 'link', time: bench.time, up: true }).pass(3);
    expect(bench.now).toBe('idle: not-armed');
    expect(bench.state.epoch).toBe(epoch + 1);
  });

  it('holds while more than a tenth of a second’s rows are clamped, and goes on when they are not', () => {
    const bench = new Bench().running().pass(0.1, { row: true });
    expect(bench.now).toBe('running');
    expect(bench.pass(0.1, { row: true }).now).toBe('holding: clamping');
    expect(bench.pass(1).now).toBe('holding: rows-silent'); // free again, and waiting for rows
    expect(bench.pass(0.1, { row: false }).now).toBe('running');
  });

  it('holds after three refused plans, until a good one', () => {
    const bench = new Bench().running();
    for (let i = 0; i < 3; i++) bench.give({ kind: 'refused', time: bench.time });
    expect(bench.pass(0.05).now).toBe('holding: refused');
    bench.give({ kind: 'plan', time: bench.time, gap: 0, at: 'x' });
    expect(bench.pass(0.05).now).toBe('running');
  });

  it('a pause holds until it is started again', () => {
    const bench = new Bench().running().order('pause').pass(2);
    expect(bench.now).toBe('holding: commanded');
    expect(bench.order('start').now).toBe('running');
  });
});

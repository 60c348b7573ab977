import { describe, expect, it } from 'vitest';
import { failureLimit, reduce, type CoreEvent } from '../../src/control/core.ts';
import { nextRequest } from '../../src/control/request.ts';
import { coreSafety } from '../../src/control/safety.ts';
import { initialState, type CoreConfig, type CoreState } from '../../src/control/state.ts';
import type { Tick } from '../../src/control/tick.ts';
import { JepilotError } from '../../src/errors.ts';
import type { ActionMode } from '../../src/spec.ts';
import { planOf } from '../fakes/plan-of.ts';
import { observationAt } from '../fakes/watched-robot.ts';

function configOf(latency: number, replanInterval: number, mode: ActionMode = 'velocity'): CoreConfig {
  const actionSpec = { dim: 1, minimum: [-1], maximum: [1], names: ['x'], mode };
  return { actionSpec, window: 3, latency, replanInterval, safety: coreSafety(actionSpec, 0.1) };
}

/** A core with its state, and a robot that answers each tick with the next observation. */
class Bench {
  state: CoreState;
  readonly config: CoreConfig;

  constructor(config: CoreConfig) {
    this.config = config;
    this.state = initialState(config);
    this.give({ kind: 'observation', observation: observationAt(0) });
  }

  give(event: CoreEvent): Tick | null {
    const [state, tick] = reduce(this.config, this.state, event);
    this.state = state;
    return tick;
  }

  tick(): Tick {
    const tick = this.give({ kind: 'tick', time: 0 })!;
    this.give({ kind: 'observation', observation: observationAt(tick.step + 1) });
    return tick;
  }

  ticks(n: number): string[] {
    return Array.from({ length: n }, () => {
      const { step, source, reason, planned } = this.tick();
      return [step, source, reason ?? planned?.[0]].join(' ');
    });
  }

  ask() {
    const ask = nextRequest(this.config, this.state);
    if (ask) this.give({ kind: 'asked', ask });
    return ask;
  }
}

describe('rows address absolute steps', () => {
  it('holds without a plan, acts on it, falls to its tail, then holds', () => {
    const bench = new Bench(configOf(0, 2));
    expect(bench.ticks(1)).toEqual(['0 hold no-plan-yet']);
    bench.give({ kind: 'plan', plan: planOf(7, 1, [0.5, 0.25, 0.125]) });
    expect(bench.ticks(4)).toEqual(['1 plan 0.5', '2 plan 0.25', '3 tail 0.125', '4 hold plan-exhausted']);
    expect(bench.state.counters).toMatchObject({ ticks: 5, plans: 1, tails: 1 });
    expect(bench.state.counters.holds).toMatchObject({ 'no-plan-yet': 1, 'plan-exhausted': 1 });
  });

  it('skips the rows of a late plan and never shifts them', () => {
    const bench = new Bench(configOf(0, 8));
    bench.ticks(2);
    bench.give({ kind: 'plan', plan: planOf(1, 0, [0, 0.25, 0.5, 0.75]) });
    expect(bench.ticks(2)).toEqual(['2 plan 0.5', '3 plan 0.75']);
    expect(bench.state.counters).toMatchObject({ latePlans: 1, skippedRows: 2, droppedPlans: 0 });
  });

  it('drops a plan whose rows are all past, and keeps the old one', () => {
    const bench = new Bench(configOf(0, 9));
    bench.give({ kind: 'plan', plan: planOf(1, 0, [0, 0, 0, 0.5]) });
    bench.ticks(3);
    bench.give({ kind: 'plan', plan: planOf(2, 1, [1, 1]) });
    expect(bench.ticks(1)).toEqual(['3 plan 0.5']);
    expect(bench.state.counters).toMatchObject({ plans: 2, droppedPlans: 1, latePlans: 1 });
  });

  it('runs the old plan until an early one starts', () => {
    const bench = new Bench(configOf(0, 9));
    bench.give({ kind: 'plan', plan: planOf(1, 0, [0.5, 0.5, 0.5, 0.5]) });
    bench.give({ kind: 'plan', plan: planOf(2, 2, [0.25]) });
    expect(bench.ticks(4)).toEqual(['0 plan 0.5', '1 plan 0.5', '2 plan 0.25', '3 hold plan-exhausted']);
  });
});

describe('what is sent', () => {
  it('is clamped, and says so', () => {
    const bench = new Bench(configOf(0, 2));
    bench.give({ kind: 'plan', plan: planOf(1, 0, [3, -0.5]) });
    expect(bench.tick()).toMatchObject({
      clamped: true,
      planned: Float32Array.of(3),
      sent: Float32Array.of(1),
    });
    expect(bench.tick()).toMatchObject({ clamped: false, sent: Float32Array.of(-0.5) });
    expect(bench.state.counters.clamps).toBe(1);
  });

  it('comes from the old plan where a new one is not finite or of the wrong width, for such are refused whole', () => {
    const bench = new Bench(configOf(0, 9));
    bench.give({ kind: 'plan', plan: planOf(1, 0, [0.5, 0.5, 0.5, 0.5]) });
    bench.give({ kind: 'plan', plan: planOf(2, 0, [0.25, NaN, 0.25]) });
    const wide = { ...planOf(3, 0, []), actions: { shape: [1, 2], data: new Float32Array(2) } };
    bench.give({ kind: 'plan', plan: wide });
    expect(bench.ticks(2)).toEqual(['0 plan 0.5', '1 plan 0.5']);
    expect(bench.state.counters).toMatchObject({ refused: 2, failures: 2, plans: 3 });
  });

  it('is a hold after three refused plans in a row, until a good one comes', () => {
    const bench = new Bench(configOf(0, 9));
    bench.give({ kind: 'plan', plan: planOf(1, 0, new Array<number>(9).fill(0.5)) });
    for (const id of [2, 3, 4]) bench.give({ kind: 'plan', plan: planOf(id, 0, [Infinity]) });
    expect(bench.ticks(2)).toEqual(['0 hold refused', '1 hold refused']);
    bench.give({ kind: 'plan', plan: planOf(5, 2, [0.25, 0.25, 0.25]) });
    expect(bench.ticks(1)).toEqual(['2 hold no-plan-yet']);
    bench.give({ kind: 'plan', plan: planOf(6, 3, [0.25, 0.25, 0.25]) });
    expect(bench.ticks(1)).toEqual(['3 plan 0.25']);
  });

  it('stops following a plan whose replacement is a second overdue', () => {
    const bench = new Bench(configOf(0, 2));
    bench.give({ kind: 'plan', plan: planOf(1, 0, new Array<number>(20).fill(0.5)) });
    const log = bench.ticks(14);
    expect(log.slice(0, 3)).toEqual(['0 plan 0.5', '1 plan 0.5', '2 tail 0.5']);
    expect(log.slice(11)).toEqual(['11 tail 0.5', '12 hold overdue', '13 hold overdue']);
  });

  it('holds the last command of a position robot, and nothing before there is one', () => {
    const bench = new Bench(configOf(2, 2, 'position'));
    expect(bench.give({ kind: 'tick', time: 0 })).toBeNull();
    const ask = bench.ask()!;
    expect(ask.startStep).toBe(0);
    expect(ask.committed.shape).toEqual([0, 1]);
    bench.give({ kind: 'plan', plan: planOf(0, 0, [0.5]) });
    expect(bench.ticks(2)).toEqual(['0 plan 0.5', '1 hold plan-exhausted']);
    expect(bench.state.motion.last).toEqual(Float32Array.of(0.5));
  });

  it('holds the initial command of a position robot that has one', () => {
    const bench = new Bench({ ...configOf(1, 2, 'position'), initialCommand: Float32Array.of(0.75) });
    expect(bench.ask()!.committed.data).toEqual(Float32Array.of(0.75));
    expect(bench.tick()).toMatchObject({ reason: 'no-plan-yet', sent: Float32Array.of(0.75) });
  });

  it('tells the age of the plan since its observation', () => {
    const bench = new Bench(configOf(2, 4));
    bench.ask();
    bench.ticks(2);
    bench.give({ kind: 'plan', plan: planOf(0, 2, [0, 0]) });
    expect(bench.tick().age).toBe(2);
    expect(bench.tick().age).toBe(3);
  });
});

describe('requests', () => {
  it('carry the window, the rows since the last request, and the rows that run meanwhile', () => {
    const bench = new Bench(configOf(2, 3));
    expect(bench.ask()).toMatchObject({
      observedStep: 0,
      startStep: 2,
      committed: { data: Float32Array.of(0, 0) },
    });
    bench.ticks(1);
    bench.give({ kind: 'plan', plan: planOf(0, 2, [0.5, 0.25, 9, 0.125]) });
    expect(bench.ask()).toBeNull();
    bench.ticks(2);
    const ask = bench.ask()!;
    expect(ask.observations.map((o) => o.step)).toEqual([1, 2, 3]);
    expect(ask.executed).toEqual({ shape: [3, 1], data: Float32Array.of(0, 0, 0.5) });
    expect(ask.committed).toEqual({ shape: [2, 1], data: Float32Array.of(0.25, 1) });
    expect(ask.startStep).toBe(5);
  });

  it('come before the interval is over where the plan runs out', () => {
    const bench = new Bench(configOf(1, 100));
    bench.ask();
    bench.give({ kind: 'plan', plan: planOf(0, 1, [0.5, 0.5]) });
    bench.ticks(1);
    expect(bench.ask()).toBeNull();
    bench.ticks(1);
    expect(bench.ask()).toMatchObject({ observedStep: 2, startStep: 3 });
  });

  it('follow a failure at the next observation, never the same one', () => {
    const bench = new Bench(configOf(0, 5));
    bench.ask();
    bench.give({ kind: 'failed', fatal: false, error: new Error('lost') });
    expect(bench.ask()).toBeNull();
    expect(bench.ticks(1)).toEqual(['0 hold planning-failed']);
    expect(bench.ask()).toMatchObject({ observedStep: 1 });
  });
});

describe('stopping', () => {
  it(`stops after ${failureLimit} recoverable failures in a row, not before`, () => {
    const bench = new Bench(configOf(0, 1));
    const lose = (n: number) => {
      for (let i = 0; i < n; i++) bench.give({ kind: 'failed', fatal: false, error: new Error('lost') });
    };
    lose(failureLimit - 1);
    bench.give({ kind: 'plan', plan: planOf(0, 0, [0.5]) });
    lose(failureLimit - 1);
    expect(bench.state.phase).toBe('running');
    lose(1);
    expect(bench.state).toMatchObject({ phase: 'stopping', stop: { cause: 'failed' } });
    expect(bench.tick()).toMatchObject({ source: 'hold', reason: 'stopping' });
    expect(bench.state.phase).toBe('stopped');
    expect(bench.give({ kind: 'tick', time: 0 })).toBeNull();
  });

  it('stops at once on a fatal failure, and after ten refused plans', () => {
    const fatal = new Bench(configOf(0, 1));
    fatal.give({ kind: 'failed', fatal: true, error: new JepilotError('bad-model', 'no such head') });
    expect(fatal.state.phase).toBe('stopping');
    const wide = new Bench(configOf(0, 1));
    const plan = { ...planOf(0, 0, []), actions: { shape: [1, 2], data: new Float32Array(2) } };
    for (let i = 0; i < failureLimit; i++) wide.give({ kind: 'plan', plan });
    expect(wide.state.stop?.error).toMatchObject({ code: 'shape-mismatch' });
  });

  it('keeps the first reason', () => {
    const bench = new Bench(configOf(0, 1));
    bench.give({ kind: 'command', command: { kind: 'stop', reason: 'first' } });
    bench.give({ kind: 'command', command: { kind: 'stop', reason: 'second' } });
    bench.give({ kind: 'command', command: { kind: 'resume' } });
    expect(bench.state).toMatchObject({ phase: 'stopping', stop: { reason: 'first' } });
  });

  it('forgets its plans on a hold, the one in flight too, and plans anew on resume', () => {
    const bench = new Bench(configOf(2, 2));
    bench.give({ kind: 'plan', plan: planOf(0, 0, [0.5, 0.5, 0.5]) });
    bench.ticks(1);
    expect(bench.ask()).not.toBeNull();
    bench.give({ kind: 'command', command: { kind: 'hold' } });
    expect(bench.ticks(1)).toEqual(['1 hold commanded']);
    expect(bench.ask()).toBeNull();
    bench.give({ kind: 'command', command: { kind: 'resume' } });
    bench.give({ kind: 'plan', plan: planOf(1, 3, [1, 1, 1]) });
    expect(bench.state.counters.droppedPlans).toBe(1);
    expect(bench.ticks(1)).toEqual(['2 hold no-plan-yet']);
    expect(bench.ask()).toMatchObject({ observedStep: 3, startStep: 5 });
  });

  it('refuses a step that was never sent', () => {
    const bench = new Bench(configOf(0, 1));
    expect(() => bench.give({ kind: 'observation', observation: observationAt(2) })).toThrow(
      'was sent only 0',
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduce, type CoreEvent } from '../../src/control/core.ts';
import { nextRequest, type Ask } from '../../src/control/request.ts';
import { coreSafety } from '../../src/control/safety.ts';
import { initialState, type CoreConfig, type CoreState } from '../../src/control/state.ts';
import type { Tick } from '../../src/control/tick.ts';
import type { ActionMode } from '../../src/spec.ts';
import type { Plan } from '../../src/planning/plan.ts';
import { planOf } from '../fakes/plan-of.ts';
import { observationAt } from '../fakes/watched-robot.ts';

function configOf(
  latency: number,
  replanInterval: number,
  mode: ActionMode = 'velocity',
  acceleration?: number,
): CoreConfig {
  const motion = acceleration === undefined ? {} : { acceleration: [acceleration] };
  const actionSpec = { dim: 1, minimum: [-1], maximum: [1], names: ['x'], mode, motion };
  return { actionSpec, window: 2, latency, replanInterval, safety: coreSafety(actionSpec, 0.1) };
}

const value = fc.oneof(
  { weight: 9, arbitrary: fc.float({ min: -2, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const finite = fc.float({ min: -2, max: 2, noNaN: true });
const rows = fc.array(value, { maxLength: 6 });

/** Plans that arrive before each step, starting anywhere around it. */
const arrivals = fc.array(
  fc.array(fc.record({ offset: fc.integer({ min: -6, max: 6 }), rows: fc.array(finite, { maxLength: 6 }) }), {
    maxLength: 2,
  }),
  { minLength: 1, maxLength: 30 },
);

const clip = (v: number) => Math.min(1, Math.max(-1, v));

/** What the row of a step should be, from the whole history: the newest plan by start, then by arrival. */
function newestRow(arrived: readonly Plan[], step: number): number | null {
  const begun = arrived.filter((plan) => plan.startStep <= step);
  const newest = begun.reduce<Plan | null>(
    (best, plan) => (best && best.startStep > plan.startStep ? best : plan),
    null,
  );
  return newest?.actions.data[step - newest.startStep] ?? null;
}

describe('any plans in any order', () => {
  it('each tick runs the row that the newest live plan has for its absolute step', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 4 }), (schedule, interval) => {
        const config = configOf(0, interval);
        let state = reduce(config, initialState(config), {
          kind: 'observation',
          observation: observationAt(0),
        })[0];
        const live: Plan[] = [];
        schedule.forEach((plans, step) => {
          for (const { offset, rows } of plans) {
            const plan = planOf(step, step + offset, rows);
            if (rows.length > 0 && plan.startStep + rows.length > step) live.push(plan);
            [state] = reduce(config, state, { kind: 'plan', plan });
          }
          let tick: Tick | null;
          [state, tick] = reduce(config, state, { kind: 'tick', time: step });
          const expected = newestRow(live, step);
          expect(tick?.step).toBe(step);
          expect(tick?.planned?.[0] ?? null).toBe(expected);
          const acts = expected !== null;
          expect(tick?.source === 'hold').toBe(!acts);
          expect(tick?.sent[0]).toBe(acts ? clip(expected) : 0);
        });
      }),
    );
  });
});

interface Outcome {
  readonly ask: Ask;
  /** Steps until the answer comes. */
  readonly delay: number;
  readonly answer: { rows: readonly number[] } | 'failure';
}

const outcomes = fc.array(
  fc.record({
    delay: fc.integer({ min: 0, max: 7 }),
    answer: fc.oneof(
      { weight: 5, arbitrary: fc.record({ rows }) },
      { weight: 1, arbitrary: fc.constant('failure' as const) },
    ),
  }),
  { minLength: 1, maxLength: 20 },
);

/** A robot whose observations lag `lag` steps, and a policy that answers each request some steps later. */
function play(config: CoreConfig, script: readonly Omit<Outcome, 'ask'>[], steps: number, lag: number) {
  let state: CoreState = initialState(config);
  const ticks: Tick[] = [];
  const asks: Ask[] = [];
  let flight: (Outcome & { readonly at: number }) | null = null;
  const give = (event: CoreEvent): void => {
    const [next, tick] = reduce(config, state, event);
    state = next;
    if (tick) ticks.push(tick);
  };
  const land = (step: number) => {
    if (!flight || step < flight.at) return;
    const { answer, ask } = flight;
    flight = null;
    if (answer === 'failure') give({ kind: 'failed', fatal: false, error: new Error('lost') });
    else give({ kind: 'plan', plan: planOf(asks.length, ask.startStep, answer.rows) });
  };
  const request = (step: number) => {
    const ask = nextRequest(config, state);
    if (!ask) return;
    give({ kind: 'asked', ask });
    const { delay, answer } = script[asks.push(ask) % script.length]!;
    flight = { ask, answer, delay, at: step + delay };
  };
  for (let step = 0; step < steps; step++) {
    give({ kind: 'observation', observation: observationAt(Math.max(0, state.nextStep - lag)) });
    land(step);
    request(step);
    land(step);
    if (state.phase !== 'running') break;
    give({ kind: 'tick', time: step });
  }
  return { ticks, asks, state };
}

const runs = fc.record({
  script: outcomes,
  latency: fc.integer({ min: 0, max: 4 }),
  interval: fc.integer({ min: 1, max: 5 }),
  lag: fc.integer({ min: 0, max: 3 }),
  mode: fc.constantFrom('velocity' as const, 'position' as const),
  acceleration: fc.constantFrom(undefined, 3),
});

describe('any delays of a single flight', () => {
  it('sends the committed rows of every request, and reports as executed what was sent', () => {
    fc.assert(
      fc.property(runs, ({ script, latency, interval, lag, mode, acceleration }) => {
        const config = configOf(latency, interval, mode, acceleration);
        const { ticks, asks } = play(config, script, 40, lag);
        const sent = ticks.map((tick) => tick.sent[0]!);
        let executedFrom = 0;
        for (const ask of asks) {
          const { observedStep, startStep } = ask;
          if (mode === 'velocity') expect(startStep).toBe(observedStep + latency);
          expect([...ask.executed.data]).toEqual(sent.slice(executedFrom, observedStep));
          executedFrom = observedStep;
          const known = sent.slice(observedStep, startStep);
          expect([...ask.committed.data].slice(0, known.length)).toEqual(known);
        }
      }),
    );
  });

  it('numbers steps without a gap, stays within bounds, and gives a reason exactly for holds', () => {
    fc.assert(
      fc.property(runs, ({ script, latency, interval, lag, mode }) => {
        const { ticks, state } = play(configOf(latency, interval, mode), script, 40, lag);
        expect(ticks.map((tick) => tick.step)).toEqual(ticks.map((_, i) => i));
        for (const tick of ticks) {
          expect(Math.abs(tick.sent[0]!)).toBeLessThanOrEqual(1);
          expect(tick.reason !== undefined).toBe(tick.source === 'hold');
        }
        const { counters } = state;
        const holds = Object.values(counters.holds).reduce((a, b) => a + b, 0);
        expect(counters.ticks).toBe(ticks.length);
        expect(holds).toBe(ticks.filter((tick) => tick.source === 'hold').length);
        expect(counters.tails).toBe(ticks.filter((tick) => tick.source === 'tail').length);
      }),
    );
  });

  it('has neither tail nor hold after the first plan if no plan takes longer than the latency', () => {
    const finite = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 });
    const timely = fc.record({
      latency: fc.integer({ min: 0, max: 4 }),
      interval: fc.integer({ min: 1, max: 5 }),
      delays: fc.array(fc.nat(4), { minLength: 1 }),
      rows: finite,
    });
    fc.assert(
      fc.property(timely, ({ latency, interval, delays, rows }) => {
        const script = delays.map((delay) => ({ delay: Math.min(delay, latency), answer: { rows } }));
        const { ticks } = play(configOf(latency, interval), script, 40, 0);
        expect(ticks.slice(latency).every((tick) => tick.source === 'plan')).toBe(true);
      }),
    );
  });
});

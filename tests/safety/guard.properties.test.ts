import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduce, type Command, type CoreEvent } from '../../src/control/core.ts';
import { nextRequest, type Ask } from '../../src/control/request.ts';
import { coreSafety } from '../../src/control/safety.ts';
import { initialState, type CoreConfig, type CoreState } from '../../src/control/state.ts';
import type { Tick } from '../../src/control/tick.ts';
import { defaultLimits } from '../../src/safety/limits.ts';
import type { ActionMode, ActionSpec } from '../../src/spec.ts';
import { planOf } from '../fakes/plan-of.ts';
import { observationAt } from '../fakes/watched-robot.ts';

const dt = 0.05;
const TOP = 1;

function configOf(mode: ActionMode, latency: number): CoreConfig {
  const motion = { velocity: [2 * TOP], acceleration: [40] };
  const actionSpec: ActionSpec = { dim: 1, minimum: [-3], maximum: [3], names: ['x'], mode, motion };
  const safety = coreSafety(actionSpec, dt, { limits: defaultLimits, supervised: true });
  const initialCommand = Float32Array.of(0);
  return { actionSpec, window: 1, latency, replanInterval: 2, safety, initialCommand };
}

/** What happens within one control period. A plan that is asked for comes `delay` periods later, perhaps twice. */
interface Happening {
  readonly beat: boolean;
  readonly sees: boolean;
  readonly delay: number;
  readonly fate: 'arrives' | 'lost' | 'twice' | 'damaged';
  readonly rows: readonly number[];
  readonly command: Exclude<Command['kind'], 'stop'> | null;
  readonly link: 'up' | 'down' | null;
}

const rarely = <T>(...values: T[]) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );

const happening: fc.Arbitrary<Happening> = fc.record({
  beat: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  sees: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  delay: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 1, arbitrary: fc.nat(30) },
  ),
  fate: fc.constantFrom('arrives', 'arrives', 'arrives', 'lost', 'twice', 'damaged'),
  rows: fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 }),
  command: rarely('hold', 'resume', 'reset', 'estop', 'clear', 'arm', 'start'),
  link: rarely('down', 'up'),
});

/** Calm first, so that most traces get as far as running; then anything, for long enough to fall silent. */
const calm: Happening = {
  beat: true,
  sees: true,
  delay: 1,
  fate: 'arrives',
  rows: [0.02],
  command: null,
  link: null,
};
const traces = fc.record({
  trace: fc.array(happening, { minLength: 1, maxLength: 70 }),
  silence: fc.integer({ min: 0, max: 25 }),
  latency: fc.integer({ min: 0, max: 4 }),
  mode: fc.constantFrom('position' as const, 'velocity' as const),
});

interface Shown {
  readonly tick: Tick;
  readonly state: CoreState;
  readonly lastBeat: number;
}

function play(config: CoreConfig, trace: readonly Happening[]) {
  let state = initialState(config);
  const shown: Shown[] = [];
  const epochs = new Map<number, number>();
  let flights: { readonly at: number; readonly ask: Ask; readonly id: number; readonly what: Happening }[] =
    [];
  let lastBeat = -Infinity;
  const give = (event: CoreEvent): void => {
    const [next, tick] = reduce(config, state, event);
    state = next;
    if (tick) shown.push({ tick, state, lastBeat });
  };
  const answer = ({ ask, id, what }: (typeof flights)[number], time: number): void => {
    if (what.fate === 'lost') {
      give({ kind: 'failed', fatal: false, error: new Error('lost'), time });
      return;
    }
    const rows = what.fate === 'damaged' ? [...what.rows, NaN] : what.rows;
    for (let n = what.fate === 'twice' ? 2 : 1; n > 0; n--)
      give({ kind: 'plan', plan: planOf(id, ask.startStep, rows), time });
  };
  give({ kind: 'link', signal: 'up', time: 0 });
  trace.forEach((what, i) => {
    const time = i * dt;
    if (what.link) give({ kind: 'link', signal: what.link, time });
    if (what.beat) {
      give({ kind: 'link', signal: 'beat', time });
      if (state.guard.linkUp) lastBeat = time;
    }
    if (what.sees) give({ kind: 'observation', observation: observationAt(state.nextStep), time });
    if (what.command) give({ kind: 'command', command: { kind: what.command }, time });
    const due = flights.filter(({ at }) => at <= i);
    flights = flights.filter(({ at }) => at > i);
    for (const flight of due) answer(flight, time);
    const ask = nextRequest(config, state);
    if (ask) {
      give({ kind: 'asked', ask, time });
      epochs.set(i, ask.epoch);
      flights.push({ at: i + what.delay, ask, id: i, what });
    }
    give({ kind: 'tick', time: time + dt / 2 });
  });
  return { shown, epochs, state };
}

const opening = (n: number): Happening[] =>
  Array.from({ length: n }, (_, i) => ({ ...calm, command: i === 24 ? 'arm' : i === 25 ? 'start' : null }));
const silent = (n: number): Happening[] => Array.from({ length: n }, () => ({ ...calm, beat: false }));

/** Everything that a trace did which no trace may do. */
function violations({ shown, epochs }: ReturnType<typeof play>, mode: ActionMode): string[] {
  const found: string[] = [];
  let value = 0;
  let before: CoreState['guard'] | null = null;
  for (const { tick, state, lastBeat } of shown) {
    const { guard } = state;
    const moved = mode === 'position' ? tick.sent[0]! - value : tick.sent[0]! * dt;
    if (Math.abs(moved) > TOP * dt * (1 + 1e-5)) found.push(`moved ${moved} in a step`);
    value = tick.sent[0]!;
    if (tick.source !== 'hold' && epochs.get(tick.planId!) !== guard.epoch)
      found.push('used a row of an old epoch');
    const silence = tick.time - lastBeat;
    if (silence > defaultLimits.beatSilence + 2 * dt && tick.source !== 'hold') found.push('did not hold');
    if (silence > defaultLimits.hardSilence + 2 * dt && ['running', 'holding', 'armed'].includes(guard.mode))
      found.push(`was ${guard.mode} after the hard limit`);
    // A period brings one command at most, so nothing gets from idle to running within one.
    if (guard.mode === 'running' && before && !['running', 'holding', 'armed'].includes(before.mode))
      found.push(`${before.mode} became running`);
    if (guard.epoch < (before?.epoch ?? 0)) found.push('went back to an old epoch');
    if (before?.mode === 'estop' && guard.mode !== 'estop' && guard.mode !== 'idle') found.push('left estop');
    before = guard;
  }
  return found;
}

describe('any trace of delays, drops, duplicates, damage, commands and restarts', () => {
  it('keeps to v_max·dt, to its epoch, to the limits of silence, and to what a person has ordered', () => {
    let rows = 0;
    fc.assert(
      fc.property(traces, ({ trace, silence, latency, mode }) => {
        const played = play(configOf(mode, latency), [...opening(30), ...trace, ...silent(silence)]);
        rows += played.shown.filter(({ tick }) => tick.source !== 'hold').length;
        expect(violations(played, mode)).toEqual([]);
      }),
      { numRuns: 120 },
    );
    expect(rows).toBeGreaterThan(200); // the traces do run
  });
});

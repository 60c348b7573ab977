import { describe, expect, it } from 'vitest';
import { reduce, type CoreEvent } from '../../src/control/core.ts';
import { nextRequest } from '../../src/control/request.ts';
import { coreSafety } from '../../src/control/safety.ts';
import { initialState, type CoreConfig } from '../../src/control/state.ts';
import { quiet, watch, type Vigilance } from '../../src/control/vigilance.ts';
import { noEvidence, type PlanEvidence } from '../../src/planning/plan.ts';
import { planOf } from '../fakes/plan-of.ts';
import { observationAt } from '../fakes/watched-robot.ts';

const limits: Vigilance = { surprise: 0.5, disagreement: 0.2, reached: { threshold: 2, dwell: 3 } };
const evidence = (part: Partial<PlanEvidence>): PlanEvidence => ({ ...noEvidence, ...part });

describe('watch', () => {
  it('is alarmed above a limit, at NaN, and never by what is unknown or unwatched', () => {
    const alarm = (part: Partial<PlanEvidence>, by = limits) => watch(by, quiet, 0, evidence(part)).alarm;
    expect(alarm({ surprise: 0.5 })).toBeNull();
    expect(alarm({ surprise: 0.51 })).toBe('surprised');
    expect(alarm({ surprise: NaN })).toBe('surprised');
    expect(alarm({ disagreement: 0.3 })).toBe('uncertain');
    expect(alarm({})).toBeNull();
    expect(alarm({ surprise: 99, disagreement: 99 }, {})).toBeNull();
  });

  it('takes the goal for reached only when time to go stays low for the dwell', () => {
    const at = (steps: readonly (readonly [number, number | null])[]) =>
      steps.reduce((before, [step, timeToGo]) => watch(limits, before, step, evidence({ timeToGo })), quiet);
    expect(at([[10, 1.5]]).reached).toBe(false);
    const twice = [
      [10, 1.5],
      [12, 2],
    ] as const;
    expect(at(twice).reached).toBe(false);
    expect(at([...twice, [13, 1]]).reached).toBe(true);
    expect(at([...twice, [13, 2.1]]).reached).toBe(false);
    // Leaving the goal starts the count anew.
    expect(at([...twice, [13, 3], [14, 1], [16, 1]]).reached).toBe(false);
    expect(at([...twice, [13, null], [14, 1], [17, 1]]).reached).toBe(true);
  });
});

/** A core that is driven by hand. */
function bench(latency: number, vigilance: Vigilance = limits) {
  const actionSpec = { dim: 1, minimum: [-1], maximum: [1], names: ['x'], mode: 'velocity' as const };
  const config: CoreConfig = {
    actionSpec,
    safety: coreSafety(actionSpec, 0.1),
    window: 1,
    latency,
    replanInterval: 2,
    vigilance,
  };
  let state = initialState(config);
  const give = (event: CoreEvent) => {
    const [next, tick] = reduce(config, state, event);
    state = next;
    return tick;
  };
  give({ kind: 'observation', observation: observationAt(0) });
  return {
    give,
    state: () => state,
    ask() {
      const ask = nextRequest(config, state);
      if (ask) give({ kind: 'asked', ask });
      return ask;
    },
    tick() {
      const tick = give({ kind: 'tick', time: 0 })!;
      give({ kind: 'observation', observation: observationAt(tick.step + 1) });
      return tick;
    },
  };
}

describe('the control core on watch', () => {
  it('holds from an alarming plan on, looks again at every step, and goes on with a calm plan', () => {
    const core = bench(0);
    core.ask();
    core.give({ kind: 'plan', plan: planOf(1, 0, [0.5, 0.5, 0.5]) });
    expect(core.tick()).toMatchObject({ source: 'plan', sent: Float32Array.of(0.5) });
    core.tick();
    core.ask();
    const alarming = { ...planOf(2, 2, [0.9, 0.9]), evidence: evidence({ surprise: 3 }) };
    core.give({ kind: 'plan', plan: alarming });
    expect(core.tick()).toMatchObject({ source: 'hold', reason: 'surprised', sent: Float32Array.of(0) });
    expect(core.ask()).toMatchObject({ observedStep: 3 }); // at once, not an interval later
    core.give({ kind: 'plan', plan: planOf(3, 3, [0.25, 0.25]) });
    expect(core.tick()).toMatchObject({ source: 'plan', sent: Float32Array.of(0.25) });
    expect(core.state().counters.holds.surprised).toBe(1);
  });

  it('sends the rows that it foretold while alarmed, also when calm returns before they are due', () => {
    const core = bench(3);
    core.ask();
    core.give({ kind: 'plan', plan: { ...planOf(1, 3, [1, 1, 1, 1]), evidence: evidence({ surprise: 3 }) } });
    core.tick();
    const ask = core.ask()!;
    expect([...ask.committed.data]).toEqual([0, 0, 0]);
    core.give({ kind: 'plan', plan: planOf(2, ask.startStep, [0.5, 0.5]) });
    const sent = Array.from({ length: 4 }, () => core.tick().sent[0]);
    expect(sent).toEqual([0, 0, 0, 0.5]);
  });

  it('ends with a hold once the model says that the goal is reached', () => {
    const core = bench(0, { reached: { threshold: 2, dwell: 2 } });
    core.ask();
    const near = evidence({ timeToGo: 1 });
    core.give({ kind: 'plan', plan: { ...planOf(1, 0, [0.5, 0.5]), evidence: near } });
    core.tick();
    core.tick();
    core.ask();
    core.give({ kind: 'plan', plan: { ...planOf(2, 2, [0.5, 0.5]), evidence: near } });
    expect(core.state()).toMatchObject({ phase: 'stopping', stop: { cause: 'reached' } });
    expect(core.tick()).toMatchObject({ source: 'hold', reason: 'stopping' });
    expect(core.state().phase).toBe('stopped');
  });

  it('watches nothing unless it is told to', () => {
    const core = bench(0, {});
    core.ask();
    const odd = evidence({ surprise: 99, disagreement: 99, timeToGo: 0 });
    core.give({ kind: 'plan', plan: { ...planOf(1, 0, [0.5]), evidence: odd } });
    expect(core.tick()).toMatchObject({ source: 'plan' });
  });
});

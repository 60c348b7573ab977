import { describe, expect, it } from 'vitest';
import { outcome, readable } from '#src/record/outcome.js';
import { completeRun, planTimes } from '#src/record/summary.js';
import { sampleTrace, tick } from './sample-run.ts';

const failed = { ...sampleTrace(), successStep: null, distances: [1, 0.5, 0.314] };
const said = (trace: Parameters<typeof completeRun>[0]) => outcome(completeRun(trace));

describe('summary', () => {
  it('counts what drove the robot, the last hold of a stopped run aside', () => {
    const end = { ...tick(12, 'hold'), reason: 'stopping' as const };
    const trace = sampleTrace();
    const { result } = completeRun({ ...trace, ticks: [...trace.ticks, end] });
    expect(result).toMatchObject({
      steps: 12,
      holds: 1,
      tails: 1,
      plans: 3,
      stepsToSuccess: 12,
      success: true,
    });
    expect(result).toMatchObject({ finalDistance: 0, provider: 'cpu', planMs: { p50: 4.2, max: 4.2 } });
  });

  it('has no verdict where nobody can tell', () => {
    const { result } = completeRun({ ...failed, distances: [] });
    expect(result).toMatchObject({ success: null, finalDistance: null });
  });

  it('has no plan times without plans', () => {
    expect(planTimes([])).toBeNull();
    expect(planTimes([3, 1, 2])).toMatchObject({ p50: 2, max: 3 });
  });
});

describe('outcome', () => {
  it('says success plainly', () => {
    expect(said(sampleTrace())).toEqual({
      arrival: 'Reached the goal after 12 steps (1.2 s).',
      planning: 'Planned 3 times, 4.2 ms each (p95).',
    });
  });

  it('says failure plainly', () => {
    expect(said(failed).arrival).toBe('Did not reach the goal in 12 steps (1.2 s), 0.31 m away at the end.');
  });

  it('says why a run was stopped', () => {
    expect(said({ ...failed, stopped: 'interrupted.' }).arrival).toBe(
      'Stopped after 12 steps (1.2 s), 0.31 m away at the end: interrupted.',
    );
  });

  it('claims nothing about a picture from outside', () => {
    const { arrival, planning } = said({ ...failed, distances: [] });
    expect(arrival).toContain("the task can't tell");
    expect(planning).toContain('The last plan saw 4 steps to go.');
  });

  it('minds its grammar', () => {
    const one = { ...sampleTrace(1), plans: sampleTrace(1).plans.slice(0, 1) };
    expect(said(one).arrival).toBe('Reached the goal after 1 step (0.1 s).');
    expect(said(one).planning).toMatch(/^Planned once, /);
    expect(said({ ...one, plans: [] }).planning).toBe('Planned nothing.');
  });
});

describe('readable', () => {
  it.each([
    [0, '0'],
    [4.2, '4.2'],
    [4.256, '4.26'],
    [20, '20'],
    [0.0314, '0.031'],
    [128.4, '128'],
    [1200, '1200'],
    [-2.5, '-2.5'],
    [1e-7, '1.0e-7'],
    [NaN, 'NaN'],
  ])('%d as %s', (value, text) => expect(readable(value)).toBe(text));
});

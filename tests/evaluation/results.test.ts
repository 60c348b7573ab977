import { describe, expect, it } from 'vitest';
import { bootstrap } from '#src/evaluation/bootstrap.js';
import { readBaseline, regressionGates, successGates } from '#src/evaluation/gates.js';
import { junitOf } from '#src/evaluation/junit.js';
import { successByLength } from '#src/evaluation/path-length.js';
import { markdownTable, namesOf } from '#src/evaluation/tables.js';
import { rngOf } from '#src/rng.js';
import { resultsFrom } from './results-of.ts';

describe('results', () => {
  it('sum up a cell; a lost episode counts as a failure', () => {
    const { cells, complete } = resultsFrom({ a: '++-x' });
    const { summary, episodes } = cells[0]!;
    expect(complete).toBe(true);
    expect(summary).toMatchObject({ episodes: 4, successes: 2, rate: 0.5, lost: 1, plans: 6 });
    expect(episodes.map(({ seed, success }) => [seed, success])).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, false],
    ]);
    // SPL over the three played: 10/10, 10/11, and a failure.
    expect(summary.spl).toEqual({ value: (1 + 10 / 11) / 3, n: 3 });
    expect(summary.evaluationsPerAction).toBeCloseTo(300 / (10 + 11 + 50), 12);
  });

  it('compare planners pair by pair with the first one', () => {
    const { comparisons } = resultsFrom({ a: '+++++-', b: '-----+' });
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({ pairs: 6, counts: { first: 5, second: 1, both: 0, neither: 0 } });
    expect(comparisons[0]!.p).toBeCloseTo(14 / 64, 12);
  });
});

describe('names of cells', () => {
  it('tell the model where a task is played by several, and only there', () => {
    const [a, b] = resultsFrom({ a: '+', b: '+' }).cells;
    const by = (model: string | null) => ({ name: model ?? '', checksum: 'c' });
    const named = (model: string) => ({ ...a!, cell: { ...a!.cell, model: by(model) } });
    expect(namesOf([a!, b!])(a!)).toBe('a');
    expect(namesOf([named('m'), b!])(named('m'))).toBe('a');
    expect(namesOf([named('m'), named('n')])(named('n'))).toBe('a, n');
  });
});

describe('gates', () => {
  const baseline = (outcomes: Record<string, string>) =>
    readBaseline(JSON.stringify(resultsFrom(outcomes)), 'baseline.json');

  it('let chance pass and stop a regression', () => {
    const before = baseline({ a: '++++++++++' });
    expect(regressionGates(resultsFrom({ a: '++++++++--' }), before)[0]).toMatchObject({ passed: true });
    const worse = regressionGates(resultsFrom({ a: '+++++-----' }), before)[0]!;
    expect(worse).toMatchObject({ passed: false });
    expect(worse.message).toMatch(/10 pairs, 0 won and 5 lost .* p 0\.0313/);
  });

  it('stop when the baseline’s cell is missing, or nothing is in common', () => {
    const before = baseline({ a: '+', b: '+' });
    const gates = regressionGates(resultsFrom({ a: '+' }), before);
    expect(gates.map(({ passed }) => passed)).toEqual([true, false]);
  });

  it('ask for a success rate by task and track, and for something played', () => {
    const results = resultsFrom({ a: '+++-' });
    const gate = (rate: number, task = 'maze', track: string | null = null) =>
      successGates(results, [{ task, track, rate }])[0];
    expect(gate(0.75)).toMatchObject({ passed: true });
    expect(gate(0.8, 'maze', 'compat')).toMatchObject({ passed: false, message: '3 of 4 (75.0 %)' });
    expect(gate(0.1, 'arena')).toMatchObject({ passed: false, message: 'nothing of it was played' });
  });

  it('refuse a file that is no result', () => {
    expect(() => readBaseline('{"format": "x"}', 'b.json')).toThrow(/b\.json is no results file .*'format'/);
    expect(() => readBaseline('{', 'b.json')).toThrow(/b\.json is no results file/);
  });

  it('are test cases of JUnit, with their failures and lost episodes', () => {
    const results = resultsFrom({ a: '+x' });
    const xml = junitOf(results, successGates(results, [{ task: 'maze', track: null, rate: 0.9 }]));
    expect(xml).toMatch(/<testsuite name="s" tests="1" failures="1"/);
    expect(xml).toMatch(
      /<failure message="maze compat a: success of at least 90\.0 %: 1 of 2 \(50\.0 %\)"\/>/,
    );
    expect(xml).toMatch(/the worker &lt;died&gt;/);
  });
});

describe('bootstrap and SPL', () => {
  it('bracket the statistic, alike for the same seed', () => {
    const sample = [12, 7, 30, 9, 15, 22];
    const middle = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const one = bootstrap(sample, middle, rngOf(1))!;
    expect(one.low).toBeLessThan(one.value);
    expect(one.high).toBeGreaterThan(one.value);
    expect(bootstrap(sample, middle, rngOf(1))).toEqual(one);
    expect(bootstrap([5, 5, 5], middle, rngOf(1))).toEqual({ value: 5, low: 5, high: 5 });
    expect(bootstrap([], middle, rngOf(1))).toBeNull();
  });

  it('weigh success by the reference over the steps taken', () => {
    const journeys = [
      { success: true, steps: 20, reference: 10 },
      { success: true, steps: 8, reference: 10 },
      { success: false, steps: null, reference: 10 },
    ];
    expect(successByLength(journeys)).toBeCloseTo((0.5 + 1) / 3, 12);
    expect(successByLength([])).toBeNull();
  });
});

describe('markdownTable', () => {
  it('escapes its own separator', () => {
    expect(markdownTable(['a'], [['x|y']])).toBe('| a |\n| --- |\n| x\\|y |');
  });
});

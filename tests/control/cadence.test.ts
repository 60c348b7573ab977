import { describe, expect, it } from 'vitest';
import { CadenceLog, lateAfter, quantilesOf } from '../../src/control/cadence.ts';
import { noCounts } from '../../src/control/counters.ts';
import type { Tick } from '../../src/control/tick.ts';
import { noEvidence } from '#src/planning/plan.js';
import { planOf } from '../fakes/plan-of.ts';

const tickAt = (step: number, age: number | null): Tick => ({
  step,
  time: step * 0.1,
  planned: null,
  sent: Float32Array.of(0),
  source: 'plan',
  planId: 0,
  age,
  clamped: false,
});

describe('CadenceLog', () => {
  it('tells the rate, the lateness, the age of what was acted on, and the plans', () => {
    const log = new CadenceLog(0.1);
    for (let i = 0; i <= 10; i++) {
      const clock = { index: i, due: i * 0.1, lateness: i * 0.001, skipped: i === 5 ? 2 : 0 };
      log.tick(tickAt(i, i < 2 ? null : 3), clock);
    }
    log.plan(
      {
        ...planOf(0, 0, [0]),
        evidence: { ...noEvidence, encodeMs: 10, searchMs: 30, totalMs: 40, queueMs: 20 },
      },
      0.07,
    );
    const report = log.report(noCounts);
    expect(report.targetHz).toBe(10);
    expect(report.achievedHz).toBeCloseTo(10, 9);
    expect(report.latenessMs?.p50).toBeCloseTo(5, 9);
    expect(report.latenessMs?.max).toBeCloseTo(10, 9);
    expect(report.lateTicks).toBe(5);
    expect(report.skippedTicks).toBe(2);
    expect(report.planMs).toEqual({ p50: 40, p95: 40, p99: 40, max: 40 });
    expect(report.observationAgeMs?.p99).toBeCloseTo(300, 9);
    const parts = Object.entries(report.partsMs).map(([part, ms]) => [part, ms?.max]);
    expect(parts).toEqual([
      ['queue', 20],
      ['encode', 10],
      ['search', 30],
      ['link', expect.closeTo(10, 9)],
    ]);
  });

  it('has no numbers for what never happened', () => {
    const report = new CadenceLog(0.1).report(noCounts);
    expect(report).toMatchObject({
      achievedHz: null,
      latenessMs: null,
      planMs: null,
      observationAgeMs: null,
    });
  });

  it('calls a tick late after 5 ms, or a fifth of a short period', () => {
    expect(lateAfter(0.1)).toBe(0.005);
    expect(lateAfter(0.01)).toBeCloseTo(0.002, 9);
  });

  it('takes quantiles of any order of values, and leaves them as they were', () => {
    const values = [3, 1, 2];
    expect(quantilesOf(values)).toMatchObject({ p50: 2, max: 3 });
    expect(values).toEqual([3, 1, 2]);
  });
});

import type { Tick } from '#src/control/tick.js';
import type { Image } from '#src/env/observation.js';
import type { PlanEvidence } from '#src/planning/plan.js';
import type { RunTrace } from '#src/record/run-record.js';

/** A grey square on a graded ground, its left edge at `x`. */
export function picture(x: number, width = 16, height = 16): Image {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [column, row] = [i % width, Math.floor(i / width)];
    const inside = column >= x && column < x + 4 && row >= 6 && row < 10;
    data.set(inside ? [230, 40, 40] : [10 * row, 100, 8 * column], 3 * i);
  }
  return { width, height, data };
}

export const evidence = (toGo: number | null): PlanEvidence => ({
  costs: [9, 7, 6.5],
  eliteSpread: 0.2,
  timeToGo: toGo,
  imaginedTimeToGo: toGo === null ? [] : [toGo - 2, toGo - 4],
  surprise: null,
  disagreement: null,
  evaluations: 300,
  iterations: 3,
  cut: false,
  encodeMs: 1,
  searchMs: 3,
  totalMs: 4.2,
});

export const tick = (step: number, source: Tick['source'] = 'plan'): Tick => ({
  step,
  time: 0.1 * step,
  planned: source === 'hold' ? null : Float32Array.of(0.1, -0.2),
  sent: source === 'hold' ? Float32Array.of(0, 0) : Float32Array.of(0.1, -0.2),
  source,
  ...(source === 'hold' ? { reason: 'no-plan-yet' as const } : {}),
  planId: source === 'hold' ? null : 0,
  age: source === 'hold' ? null : step,
  clamped: false,
});

/** A run of `steps` steps that reaches its goal with the last one. */
export function sampleTrace(steps = 12): RunTrace {
  const all = Array.from({ length: steps + 1 }, (_, step) => step);
  return {
    config: { task: 'sample', planner: { name: 'icem', horizon: 5 }, seed: 3 },
    command: 'jepilot run sample --seed 3',
    task: 'sample',
    about: 'a square slides to the right',
    modelName: 'sample-model',
    plannerName: 'icem',
    seed: 3,
    track: 'far',
    mode: 'fast',
    controlPeriod: 0.1,
    actionRepeat: 2,
    actionNames: ['vx', 'vy'],
    distanceUnit: 'm',
    deadlineMs: null,
    goal: picture(11),
    frames: all.map((step) => ({ step, image: picture(step) })),
    ticks: all.slice(0, -1).map((step) => tick(step, step === 0 ? 'hold' : step === 5 ? 'tail' : 'plan')),
    plans: [0, 4, 8].map((step, id) => ({ id, step, startStep: step, evidence: evidence(steps - step) })),
    distances: all.map((step) => 1 - step / steps),
    successStep: steps,
    cadence: null,
    provider: { used: 'cpu', rejected: [{ name: 'cuda', reason: 'not installed' }] },
    version: '0.1.0',
    started: '2026-03-01T12:30:05.123Z',
  };
}

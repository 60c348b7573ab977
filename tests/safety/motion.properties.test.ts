import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { motionBounds } from '../../src/safety/bounds.ts';
import { defaultLimits, taskLimits } from '../../src/safety/limits.ts';
import {
  atRest,
  brakingSpeed,
  limitHold,
  limitMotion,
  resting,
  type Motion,
} from '../../src/safety/motion.ts';
import type { ActionMode, ActionSpec } from '../../src/spec.ts';

const HAIR = 1e-5;
const dt = 0.05;

const specs = fc.record({
  mode: fc.constantFrom<ActionMode>('position', 'velocity', 'delta', 'effort'),
  range: fc.float({ min: Math.fround(0.1), max: 5, noNaN: true }),
  velocity: fc.option(fc.float({ min: Math.fround(0.05), max: 4, noNaN: true }), { nil: undefined }),
  acceleration: fc.option(fc.float({ min: Math.fround(0.05), max: 40, noNaN: true }), { nil: undefined }),
});
const wanted = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 });

function specOf({
  mode,
  range,
  velocity,
  acceleration,
}: {
  mode: ActionMode;
  range: number;
  velocity: number | undefined;
  acceleration: number | undefined;
}): ActionSpec {
  const motion = {
    ...(velocity === undefined ? {} : { velocity: [velocity] }),
    ...(acceleration === undefined ? {} : { acceleration: [acceleration], slew: [acceleration] }),
  };
  return { dim: 1, minimum: [-range], maximum: [range], names: ['x'], mode, motion };
}

describe('any commands in a row', () => {
  it('keep to range, speed and acceleration, whatever is wanted', () => {
    fc.assert(
      fc.property(specs, wanted, (given, rows) => {
        const spec = specOf(given);
        const bounds = motionBounds(spec, defaultLimits, dt);
        const { mode } = spec;
        const start = atRest(spec, mode === 'position' ? Float32Array.of(0) : null);
        const sent: number[] = [0];
        let motion: Motion = start;
        for (const row of rows) {
          const limited = limitMotion(bounds, motion, Float32Array.of(row));
          motion = limited.motion;
          sent.push(limited.action[0]!);
        }
        const top = mode === 'effort' ? Infinity : (given.velocity ?? Infinity) / 2;
        const rise = (given.acceleration ?? Infinity) / 2;
        const unit = mode === 'delta' ? dt : 1;
        const margin = mode === 'position' ? 0.02 * 2 * given.range : 0;
        sent.forEach((value, i) => {
          const before = sent[i - 1] ?? 0;
          expect(Math.abs(value)).toBeLessThanOrEqual(given.range - margin + HAIR);
          if (mode === 'position') expect(Math.abs(value - before)).toBeLessThanOrEqual(top * dt + HAIR);
          else expect(Math.abs(value)).toBeLessThanOrEqual(top * unit + HAIR);
          if (mode !== 'position' && i > 0)
            expect(Math.abs(value - before)).toBeLessThanOrEqual(rise * dt * unit + HAIR);
          if (mode === 'position' && i > 1) {
            const change = value - 2 * before + sent[i - 2]!;
            expect(Math.abs(change)).toBeLessThanOrEqual(rise * dt * dt + HAIR);
          }
        });
      }),
    );
  });

  it('are left as they are within the limits', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (rows) => {
        const spec = specOf({ mode: 'velocity', range: 1, velocity: 2, acceleration: 100 });
        const bounds = motionBounds(spec, taskLimits, dt);
        let motion = atRest(spec, null);
        for (const row of rows) {
          const { action, clamps, motion: next } = limitMotion(bounds, motion, Float32Array.of(row));
          expect([action[0], clamps]).toEqual([row, []]);
          motion = next;
        }
      }),
    );
  });

  it('come to rest in a hold, within the time that the acceleration takes', () => {
    fc.assert(
      fc.property(specs, wanted, (given, rows) => {
        const spec = specOf(given);
        const bounds = motionBounds(spec, defaultLimits, dt);
        let motion = atRest(spec, spec.mode === 'position' ? Float32Array.of(0) : null);
        for (const row of rows) motion = limitMotion(bounds, motion, Float32Array.of(row)).motion;
        const top = spec.mode === 'position' ? Math.abs(motion.rate[0]!) : Math.abs(motion.last![0]!);
        const unit = spec.mode === 'delta' ? dt : 1;
        const steps = Math.ceil(top / ((given.acceleration ?? Infinity) / 2) / dt / unit - 1e-4) + 1;
        for (let i = 0; i < Math.max(1, steps); i++) motion = limitHold(spec, bounds, motion, false)!.motion;
        expect(resting(spec, motion)).toBe(true);
      }),
    );
  });
});

describe('brakingSpeed', () => {
  it('is the fastest from which steps of constant deceleration still end in time', () => {
    const distance = (speed: number, a: number): number => {
      let covered = 0;
      for (let v = speed; v > 1e-12; v -= a * dt) covered += v * dt;
      return covered;
    };
    for (const a of [0.5, 2, 15]) {
      for (const left of [0.01, 0.1, 1]) {
        expect(distance(brakingSpeed(left, a, dt), a)).toBeLessThanOrEqual(left + 1e-9);
        expect(distance(brakingSpeed(left, a, dt) * 1.3 + 1e-6, a)).toBeGreaterThan(left);
      }
    }
    expect(brakingSpeed(-1, 1, dt)).toBe(0);
  });
});

describe('a velocity robot whose joints are known', () => {
  it('is slowed before the end of a joint, and may always come back', () => {
    const spec: ActionSpec = {
      dim: 1,
      minimum: [-1],
      maximum: [1],
      names: ['j'],
      mode: 'velocity',
      motion: { acceleration: [4], joints: { state: [0], minimum: [-2], maximum: [2] } },
    };
    const bounds = motionBounds(spec, defaultLimits, dt);
    const end = 2 - 0.02 * 4;
    let position = 0;
    let motion = atRest(spec, null);
    for (let i = 0; i < 200; i++) {
      const limited = limitMotion(bounds, motion, Float32Array.of(1), Float32Array.of(position));
      motion = limited.motion;
      position += limited.action[0]! * dt;
      expect(position).toBeLessThanOrEqual(end + HAIR);
    }
    expect(position).toBeCloseTo(end, 2);
    expect(limitMotion(bounds, motion, Float32Array.of(-1), Float32Array.of(2.5)).action[0]).toBeLessThan(0);
  });
});

describe('motionBounds', () => {
  it('refuses an actuator without two ends', () => {
    const spec: ActionSpec = { dim: 1, minimum: [-Infinity], maximum: [1], names: ['lift'], mode: 'effort' };
    expect(() => motionBounds(spec, defaultLimits, dt)).toThrow(
      "action 'lift' is bounded by -Infinity and 1",
    );
  });
});

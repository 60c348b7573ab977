import { describe, expect, it } from 'vitest';
import { colouredNoise } from '#src/planning/coloured-noise.js';
import { rngOf } from '#src/rng.js';

/** [count][length] sequences. */
function sequences(length: number, beta: number, count = 4000): Float32Array[] {
  const noise = colouredNoise(length, beta);
  const rng = rngOf('noise', length, beta);
  return Array.from({ length: count }, () => {
    const out = new Float32Array(length);
    noise.fill(rng, out, 0, 1);
    return out;
  });
}

const average = (all: readonly Float32Array[], of: (one: Float32Array) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0) / all.length;

describe('coloured noise', () => {
  it.each([
    [1, 2],
    [2, 2],
    [25, 0],
    [25, 2],
    [20, 1],
    [60, 2],
  ])('of length %i and exponent %i has mean 0 and variance 1 at every step', (length, beta) => {
    const all = sequences(length, beta);
    for (const t of [0, Math.floor(length / 2), length - 1]) {
      expect(average(all, (x) => x[t]!)).toBeCloseTo(0, 0.5);
      expect(average(all, (x) => x[t]! ** 2)).toBeGreaterThan(0.9);
      expect(average(all, (x) => x[t]! ** 2)).toBeLessThan(1.1);
    }
  });

  it('is uncorrelated for exponent 0 and smooth for 2', () => {
    const lag = (beta: number) => average(sequences(24, beta), (x) => x[10]! * x[11]!);
    expect(Math.abs(lag(0))).toBeLessThan(0.06);
    expect(lag(2)).toBeGreaterThan(0.85);
    expect(lag(1)).toBeGreaterThan(lag(0));
    expect(lag(1)).toBeLessThan(lag(2));
  });

  it('loses power with frequency as announced', () => {
    const power = (frequency: number) =>
      average(sequences(32, 2), (x) => {
        let [re, im] = [0, 0];
        for (const [t, v] of x.entries()) {
          re += v * Math.cos((2 * Math.PI * frequency * t) / 32);
          im += v * Math.sin((2 * Math.PI * frequency * t) / 32);
        }
        return re * re + im * im;
      });
    // 4^-2: a quarter of the amplitude.
    expect(power(2) / power(8)).toBeGreaterThan(14);
    expect(power(2) / power(8)).toBeLessThan(18.5);
  });

  it('writes only its own places', () => {
    const out = new Float32Array(10);
    colouredNoise(3, 2).fill(rngOf(1), out, 2, 3);
    expect(Array.from(out.keys()).filter((i) => out[i] !== 0)).toEqual([2, 5, 8]);
  });
});

import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers. Passed in wherever chance is needed, so that a seed means a result. */
export interface Rng {
  /** Uniform in [low, high). */
  uniform(low?: number, high?: number): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** An independent stream that depends on this one's seed and the label only, not on what was drawn. */
  fork(label: string | number): Rng;
}

/** A 32-bit seed from any mix of names and numbers. */
export const seedOf = (...parts: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(parts)).digest().readInt32LE(0);

/** Seeded generator (xoroshiro128+). Equal parts give equal streams on every machine. */
export function rngOf(...parts: readonly (string | number)[]): Rng {
  const generator = xoroshiro128plus(seedOf(...parts));
  let spare: number | undefined;
  const uniform = (low = 0, high = 1): number => low + (high - low) * uniformFloat64(generator);
  return {
    uniform,
    integer: (n) => Math.floor(uniform(0, n)),
    fork: (label) => rngOf(...parts, label),
    normal() {
      // Marsaglia's polar method gives two values a round; the second one waits in `spare`.
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const u = uniform(-1, 1);
        const v = uniform(-1, 1);
        const s = u * u + v * v;
        if (s === 0 || s >= 1) continue;
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * scale;
        return u * scale;
      }
    },
  };
}

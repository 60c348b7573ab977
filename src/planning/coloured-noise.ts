import type { Rng } from '../rng.ts';

/**
 * Gaussian noise whose power falls as frequency^-beta: 0 is white, 2 wanders like a walk (smooth actions that go
 * somewhere). Made by summing a real Fourier series with Gaussian weights; each value has unit variance. The mean
 * over the sequence gets the power of the lowest frequency. After Timmer & Koenig, Astron. Astrophys. 300 (1995).
 */
export interface ColouredNoise {
  /** Writes a sequence of `length` values to `out[offset + t * stride]`. */
  fill(rng: Rng, out: Float32Array, offset: number, stride: number): void;
}

/** Scaled Fourier functions [length, length]: row k holds the k-th one over time. */
function fourierRows(length: number, beta: number): Float32Array {
  const rows = new Float32Array(length * length);
  for (let k = 0; k < length; k++) {
    // Rows: constant, cos 1, sin 1, cos 2, sin 2, …; an even length ends with the alternating cos of length / 2.
    const frequency = Math.ceil(k / 2);
    const phase = k > 0 && k % 2 === 0 ? -Math.PI / 2 : 0;
    const amplitude = Math.max(1, frequency) ** (-beta / 2);
    for (let t = 0; t < length; t++) {
      rows[k * length + t] = amplitude * Math.cos((2 * Math.PI * frequency * t) / length + phase);
    }
  }
  // The variance is the same at every t; at t = 0 only the cosines count.
  let variance = 0;
  for (let k = 0; k < length; k++) variance += rows[k * length]! ** 2;
  const scale = 1 / Math.sqrt(variance);
  return rows.map((value) => value * scale);
}

export function colouredNoise(length: number, beta: number): ColouredNoise {
  const rows = fourierRows(length, beta);
  const sum = new Float64Array(length);
  return {
    fill(rng, out, offset, stride) {
      sum.fill(0);
      for (let k = 0; k < length; k++) {
        const weight = rng.normal();
        const at = k * length;
        for (let t = 0; t < length; t++) sum[t]! += weight * rows[at + t]!;
      }
      for (let t = 0; t < length; t++) out[offset + t * stride] = sum[t]!;
    },
  };
}

import type { Observation } from '#src/env/observation.js';
import { rngOf } from '#src/rng.js';
import { minus, norm, plusIdentity, randomMatrix, times } from './matrix.ts';

/** How a tiny model tells time to go, if at all. `directed` is an embedding with a ψ of its own. */
export type TinyMetric = 'embedding' | 'directed' | 'product' | 'pair' | null;

/** The world that a tiny model imagines, in double precision. Actions are normalised. */
export interface TinyWorld {
  encode(window: readonly Observation[]): number[];
  step(latent: readonly number[], action: readonly number[]): number[];
  /** Time to go; null without a metric. */
  distance(latent: readonly number[], goal: readonly number[]): number | null;
  /** Mean and standard deviation of the next normalised action. */
  prior(latent: readonly number[], goal: readonly number[]): { mean: number[]; std: number[] };
  disagreement(latent: readonly number[], action: readonly number[]): number;
}

export const tiny = { latentDim: 4, embeddingDim: 3, frames: 2, size: 8, camera: 'top' } as const;
export const tinyAction = { dim: 2, repeat: 3, mean: [0.1, -0.2], std: [0.5, 2] } as const;

const width = tinyAction.dim * tinyAction.repeat;
export const colour = randomMatrix('colour', 3 * tiny.frames, tiny.latentDim);
export const drift = plusIdentity(randomMatrix('drift', tiny.latentDim, tiny.latentDim, 0.1));
export const push = randomMatrix('push', width, tiny.latentDim, 0.3);
export const phi = randomMatrix('phi', tiny.latentDim, tiny.embeddingDim);
export const psi = randomMatrix('psi', tiny.latentDim, tiny.embeddingDim);
export const lean = randomMatrix('lean', tiny.latentDim, width, 0.3);
export const play = randomMatrix('play', tiny.latentDim, width, 0.2);
/** What the ensemble's members differ by, in the latent and in the action. */
export const doubt = {
  latent: randomMatrix('doubt', tiny.latentDim, tiny.latentDim, 0.2),
  action: randomMatrix('doubt action', width, tiny.latentDim, 0.2),
};

/** An observation whose picture is noise, seeded. */
export function noise(seed: number, size: number = tiny.size): Observation {
  const rng = rngOf('noise', seed);
  const data = Uint8Array.from({ length: size * size * 3 }, () => rng.integer(256));
  const images = { [tiny.camera]: { width: size, height: size, data } };
  return { step: seed, time: seed, images, state: new Float32Array(0) };
}

/** The linear world that a tiny model is a model of. */
export function worldOf(metric: TinyMetric): TinyWorld {
  return {
    encode: (window) =>
      times(Array.from({ length: tiny.frames }, (_, k) => meanColour(window[k]!)).flat(), colour),
    step: (latent, action) => times(latent, drift).map((x, i) => x + times(action, push)[i]!),
    distance(latent, goal) {
      if (metric === null) return null;
      if (metric === 'pair') return times(minus(latent, goal), phi).reduce((sum, x) => sum + Math.abs(x), 0);
      if (metric === 'product') {
        const embedded = times(goal, psi);
        return Math.log(1 + Math.exp(times(latent, phi).reduce((sum, x, i) => sum + x * embedded[i]!, 0)));
      }
      return norm(minus(times(latent, phi), times(goal, metric === 'directed' ? psi : phi)));
    },
    prior: (latent, goal) => ({
      mean: times(minus(goal, latent), lean),
      std: times(latent, play).map((x) => Math.abs(x) + 0.1),
    }),
    disagreement(latent, action) {
      const between = times(latent, doubt.latent).map((x, i) => x + times(action, doubt.action)[i]!);
      return between.reduce((sum, x) => sum + x * x, 0) / tiny.latentDim;
    },
  };
}

const meanColour = ({ images }: Observation): number[] =>
  [0, 1, 2].map((c) => {
    const channel = images[tiny.camera]!.data.filter((_, i) => i % 3 === c);
    return channel.reduce((sum, x) => sum + x, 0) / channel.length / 255;
  });

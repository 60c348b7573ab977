import { rngOf } from '#src/rng.js';
import { noise, tiny, tinyAction, type TinyWorld } from './tiny-world.ts';

/** What `golden.json` holds: vectors that a runtime must reproduce. B windows, k frames, D latent, A model action. */
export interface Golden {
  readonly format: 'jepilot-golden/1';
  /** u8 [B, k, H, W, 3]. */
  readonly frames: { readonly shape: readonly number[]; readonly base64: string };
  /** [B][D]. */
  readonly latents: readonly (readonly number[])[];
  /** Normalised model actions [4][10][A]. */
  readonly actions: readonly (readonly (readonly number[])[])[];
  /** [4][10][D], from `latents` 0 to 3. */
  readonly rollout: readonly (readonly (readonly number[])[])[];
  /** [B][D]: encodings of each window's newest frame, repeated. */
  readonly goals: readonly (readonly number[])[];
  /** d(latent i, goal j), [B][B]; null without a metric head. */
  readonly distances: readonly (readonly number[])[] | null;
}

/** Golden vectors of a tiny model, computed without ONNX. */
export function goldenOf(world: TinyWorld): Golden {
  const rng = rngOf('golden');
  const windows = Array.from({ length: 4 }, (_, b) =>
    Array.from({ length: tiny.frames }, (_, k) => noise(10 * b + k)),
  );
  const latents = windows.map((window) => world.encode(window));
  const goals = windows.map((window) => world.encode(window.map(() => window.at(-1)!)));
  const action = (): number[] =>
    Array.from({ length: tinyAction.dim * tinyAction.repeat }, () => rng.normal());
  const actions = latents.map(() => Array.from({ length: 10 }, action));
  const rollout = actions.map((plan, i) => {
    let latent = latents[i]!;
    return plan.map((step) => (latent = world.step(latent, step)));
  });
  const pixels = windows.flat().map(({ images }) => images[tiny.camera]!.data);
  return {
    format: 'jepilot-golden/1',
    frames: {
      shape: [4, tiny.frames, tiny.size, tiny.size, 3],
      base64: Buffer.concat(pixels).toString('base64'),
    },
    latents,
    actions,
    rollout,
    goals,
    distances:
      world.distance(latents[0]!, goals[0]!) === null
        ? null
        : latents.map((latent) => goals.map((goal) => world.distance(latent, goal)!)),
  };
}

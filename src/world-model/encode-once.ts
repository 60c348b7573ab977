import type { Observation } from '../env/observation.ts';
import type { Tensor } from '../tensor.ts';
import type { WorldModel } from './world-model.ts';

const same = (a: readonly Observation[], b: readonly Observation[]): boolean =>
  a.length === b.length && a.every((observation, i) => observation === b[i]);

/**
 * A model that remembers the latent of the last window: for policies inside policies, which look at the same present.
 * Shares the model; disposing of it does nothing.
 */
export function encodeOnce(model: WorldModel): WorldModel {
  let last: { readonly window: readonly Observation[]; readonly latent: Promise<Tensor> } | null = null;
  return {
    manifest: model.manifest,
    provider: model.provider,
    encode(windows) {
      const [window] = windows;
      if (!window || windows.length > 1) return model.encode(windows);
      if (!last || !same(last.window, window)) last = { window, latent: model.encode(windows) };
      return last.latent;
    },
    evaluate: (jobs) => model.evaluate(jobs),
    timeToGo: (latents, goals) => model.timeToGo(latents, goals),
    predict: (latents, actions) => model.predict(latents, actions),
    prior: (latents, goals) => model.prior(latents, goals),
    disagreement: (latents, actions) => model.disagreement(latents, actions),
    gradient: (job) => model.gradient(job),
    prepare: (horizon, objective) => model.prepare(horizon, objective),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

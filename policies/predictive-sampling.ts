import { perturbations, startAround, wide, type Around } from '#src/planning/perturbations.js';
import type { Planner } from '#src/planning/planner.js';
import { candidate, elitesOf, planOf, relativeSpread } from '#src/planning/population.js';

export interface PredictiveSamplingConfig {
  /** Standard deviation of the noise at first, in half ranges of the action. */
  readonly initialStd: number;
  /** Floor of the standard deviation, in half ranges. */
  readonly minimumStd: number;
  /** The noise shrinks by this factor when no perturbation was better than the nominal plan. */
  readonly shrink: number;
  /** The narrowest perturbation of a population, as a part of the widest. */
  readonly narrowest: number;
  /** Exponent of the noise's spectrum over raw time steps. */
  readonly beta: number;
}

export const predictiveSamplingDefaults: PredictiveSamplingConfig = {
  initialStd: 0.6,
  minimumStd: 0.02,
  shrink: 0.5,
  narrowest: 0.1,
  beta: 2,
};

/**
 * Predictive sampling: perturb the nominal plan, and let the best of all become the next nominal. No distribution is
 * fitted; the nominal competes as row 0 and so never gets worse. Smooth perturbations take the place of the paper's
 * splines. Howell et al., 2022 (arXiv 2212.00541).
 */
export const predictiveSamplingPlanner = (config: PredictiveSamplingConfig): Planner<Around> => ({
  name: 'predictive-sampling',
  about: 'the best of many perturbations of the last plan, and nothing else',
  needs: 'costs',

  init: (spec, start) => startAround(spec, start, config),

  sample: (state, rng) => ({
    state: { ...state, guests: new Float32Array(0) },
    candidates: perturbations(state, state.spec.samples, rng, config.narrowest),
  }),

  update(state, candidates, { costs }) {
    const best = elitesOf(costs, 1)[0]!;
    if (best > 0) return { ...state, mean: candidate(candidates, best) };
    const floor = wide(state.spec, config.minimumStd);
    return { ...state, std: state.std.map((value, i) => Math.max(floor[i]!, config.shrink * value)) };
  },

  result: ({ spec, mean }) => planOf(spec, mean),
  spread: ({ spec, std }) => relativeSpread(spec, std),
});

export const predictiveSampling = predictiveSamplingPlanner(predictiveSamplingDefaults);

import { perturbations, startAround, wide, type Around } from '#src/planning/perturbations.js';
import type { Planner } from '#src/planning/planner.js';
import { confine, elitesOf, mix, planOf, relativeSpread, weightedMoments } from '#src/planning/population.js';

export interface MppiConfig {
  /** How far a cost may lie above the best and still count, in standard deviations of the population's costs (lambda). */
  readonly temperature: number;
  /** Standard deviation of the noise at first, in half ranges of the action. */
  readonly initialStd: number;
  /** Floor of the standard deviation, in half ranges. */
  readonly minimumStd: number;
  /** Share of the weighted candidates' deviation in the next one; 0 keeps the noise as it is. */
  readonly adaptation: number;
  /** Exponent of the noise's spectrum over raw time steps; 0 is white. */
  readonly beta: number;
}

export const mppiDefaults: MppiConfig = {
  temperature: 0.1,
  initialStd: 1,
  minimumStd: 0.05,
  adaptation: 0.5,
  beta: 2,
};

/** exp(-(cost - lowest) / temperature) over standardised costs [N]; a cost that isn't finite weighs nothing. */
function weightsOf(costs: Float32Array, temperature: number): Float64Array {
  const finite = elitesOf(costs, costs.length).map((n) => costs[n]!);
  const mean = finite.reduce((sum, cost) => sum + cost, 0) / finite.length;
  const variance = finite.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / finite.length;
  const scale = temperature * Math.sqrt(variance) || 1;
  return Float64Array.from(costs, (cost) =>
    Number.isFinite(cost) ? Math.exp((finite[0]! - cost) / scale) : 0,
  );
}

/**
 * Model-predictive path integral control: every candidate counts, by a weight that falls exponentially with its cost,
 * and the plan is the weighted mean. Costs are standardised, so that the temperature means the same for all objectives;
 * the noise narrows slowly towards what counts. Williams et al., ICRA 2017, and IEEE T-RO 34 (2018), arXiv 1707.02342.
 */
export const mppiPlanner = (config: MppiConfig): Planner<Around> => ({
  name: 'mppi',
  about: 'path integral control: the mean of all samples, weighted by the exponential of their cost',
  needs: 'costs',

  init: (spec, start) => startAround(spec, start, config),

  sample: (state, rng) => ({
    state: { ...state, guests: new Float32Array(0) },
    candidates: perturbations(state, state.spec.samples, rng),
  }),

  update(state, candidates, { costs }) {
    const { spec } = state;
    const weighted = weightedMoments(candidates, weightsOf(costs, config.temperature));
    const floor = wide(spec, config.minimumStd);
    const std = mix(state.std, weighted.std, 1 - config.adaptation);
    return {
      ...state,
      mean: confine(spec, weighted.mean),
      std: std.map((value, i) => Math.max(value, floor[i]!)),
    };
  },

  result: ({ spec, mean }) => planOf(spec, mean),
  spread: ({ spec, std }) => relativeSpread(spec, std),
});

export const mppi = mppiPlanner(mppiDefaults);

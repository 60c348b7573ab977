import type { Planner, PlanningSpec } from '#src/planning/planner.js';
import {
  candidatesOf,
  confine,
  elitesOf,
  frozenOf,
  halfRange,
  mix,
  moments,
  planOf,
  relativeSpread,
  samplesAt,
  widthOf,
} from '#src/planning/population.js';

export interface CemConfig {
  /** Standard deviation of the first population, in half ranges of the action. */
  readonly initialStd: number;
  /** Floor of the standard deviation, in half ranges: keeps the search from freezing early. */
  readonly minimumStd: number;
  /** Share of the old mean and deviation in the new ones. */
  readonly momentum: number;
}

export const cemDefaults: CemConfig = { initialStd: 1, minimumStd: 0.02, momentum: 0 };

export interface CemState {
  readonly spec: PlanningSpec;
  /** [W], W = H·f·a. */
  readonly mean: Float32Array;
  readonly std: Float32Array;
  /** Plans [k·W] that the first population holds besides the mean. */
  readonly guests: Float32Array;
  readonly iteration: number;
}

/**
 * The cross-entropy method: independent Gaussians for every value of the plan are refitted to the elites of each
 * population. The plan is the mean of the last elites. Rubinstein, Methodol. Comput. Appl. Probab. 1 (1999);
 * de Boer et al., Ann. Oper. Res. 134 (2005).
 */
export const cemPlanner = (config: CemConfig): Planner<CemState> => ({
  name: 'cem',
  about: 'cross-entropy method: independent Gaussians refitted to the best samples',
  needs: 'costs',

  init(spec, { mean, proposals }) {
    const unit = halfRange(spec);
    return {
      spec,
      mean: confine(spec, mean.data.slice()),
      std: Float32Array.from(mean.data, (_, i) => config.initialStd * unit[i % spec.actionDim]!),
      guests: proposals?.data ?? new Float32Array(0),
      iteration: 0,
    };
  },

  sample(state, rng) {
    const { spec, mean, std, guests } = state;
    const width = widthOf(spec);
    const frozen = frozenOf(spec);
    const count = samplesAt(spec, state.iteration);
    const data = new Float32Array(count * width);
    data.set(mean);
    const kept = guests.subarray(0, Math.floor((count - 1) / 2) * width);
    data.set(kept, width);
    for (let at = width + kept.length; at < data.length; at += width) {
      for (let i = frozen; i < width; i++) data[at + i] = mean[i]! + std[i]! * rng.normal();
    }
    return {
      state: { ...state, guests: new Float32Array(0), iteration: state.iteration + 1 },
      candidates: candidatesOf(spec, confine(spec, data)),
    };
  },

  update(state, candidates, { costs }) {
    const { spec } = state;
    const elite = moments(candidates, elitesOf(costs, spec.elites));
    const unit = halfRange(spec);
    const std = mix(state.std, elite.std, config.momentum);
    return {
      ...state,
      mean: confine(spec, mix(state.mean, elite.mean, config.momentum)),
      std: std.map((value, i) => Math.max(value, config.minimumStd * unit[i % spec.actionDim]!)),
    };
  },

  result: ({ spec, mean }) => planOf(spec, mean),
  spread: ({ spec, std }) => relativeSpread(spec, std),
});

export const cem = cemPlanner(cemDefaults);

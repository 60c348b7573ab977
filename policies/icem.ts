import { colouredNoise, type ColouredNoise } from '#src/planning/coloured-noise.js';
import type { Planner, PlannerStart, PlanningSpec } from '#src/planning/planner.js';
import {
  candidate,
  candidatesOf,
  confine,
  elitesOf,
  frozenOf,
  halfRange,
  mix,
  moments,
  planOf,
  relativeSpread,
  rowsOf,
  samplesAt,
  widthOf,
} from '#src/planning/population.js';
import type { Rng } from '#src/rng.js';

export interface IcemConfig {
  /** Standard deviation of the first population, in half ranges of the action. */
  readonly initialStd: number;
  /** Floor of the standard deviation, in half ranges. */
  readonly minimumStd: number;
  /** Share of the old mean and deviation in the new ones (alpha). */
  readonly momentum: number;
  /** Exponent of the noise's spectrum over raw time steps. */
  readonly beta: number;
  /** Share of the elites that lives on in the next population, and, shifted, in the next plan (xi). */
  readonly keep: number;
  /** Each population is smaller than the last one by this factor, down to twice the elites (gamma). */
  readonly decay: number;
}

export const icemDefaults: IcemConfig = {
  initialStd: 1,
  minimumStd: 0.02,
  momentum: 0.1,
  beta: 2,
  keep: 0.3,
  decay: 1.25,
};

export interface IcemState {
  readonly spec: PlanningSpec;
  readonly noise: ColouredNoise;
  /** [W], W = H·f·a. */
  readonly mean: Float32Array;
  readonly std: Float32Array;
  /** Plans, each [W], that the next population holds besides the mean; best first. */
  readonly guests: readonly Float32Array[];
  /** The last elites, each [W], best first. */
  readonly elites: readonly Float32Array[];
  readonly best: { readonly cost: number; readonly plan: Float32Array } | null;
  readonly iteration: number;
}

/** The elites of the last plan, moved on by the steps that passed; what enters at the end is the mean's. */
function shifted(config: IcemConfig, spec: PlanningSpec, start: PlannerStart<IcemState>): Float32Array[] {
  const width = widthOf(spec);
  const by = start.elapsed * spec.actionDim;
  const usable = start.previous?.elites.filter((elite) => elite.length === width) ?? [];
  return usable.slice(0, Math.ceil(config.keep * spec.elites)).map((elite) => {
    const plan = start.mean.data.slice();
    plan.set(elite.subarray(Math.min(by, width)));
    return plan;
  });
}

function guestsOf(config: IcemConfig, spec: PlanningSpec, start: PlannerStart<IcemState>): Float32Array[] {
  const width = widthOf(spec);
  const proposals = start.proposals?.data ?? new Float32Array(0);
  const given = Array.from({ length: proposals.length / width }, (_, i) =>
    proposals.slice(i * width, (i + 1) * width),
  );
  return [...given, ...shifted(config, spec, start)];
}

/** A coloured perturbation of the mean at `data[at …]`, in the rows that are free. */
function perturb({ spec, noise, mean, std }: IcemState, rng: Rng, data: Float32Array, at: number): void {
  const { actionDim } = spec;
  const frozen = frozenOf(spec);
  for (let j = 0; j < actionDim; j++) noise.fill(rng, data, at + frozen + j, actionDim);
  for (let i = frozen; i < mean.length; i++) data[at + i] = mean[i]! + std[i]! * data[at + i]!;
}

/**
 * The improved cross-entropy method: coloured noise over raw time steps, elites kept within a plan and between plans,
 * populations that shrink, momentum. The plan is the best candidate of all populations; the mean competes as row 0.
 * Pinneri et al., CoRL 2020 (arXiv 2008.06389).
 */
export const icemPlanner = (config: IcemConfig): Planner<IcemState> => ({
  name: 'icem',
  about: 'improved cross-entropy method: coloured noise, elites kept, the best candidate wins',
  needs: 'costs',

  init(spec, start) {
    const unit = halfRange(spec);
    const free = rowsOf(spec) - frozenOf(spec) / spec.actionDim;
    return {
      spec,
      noise: colouredNoise(free, config.beta),
      mean: confine(spec, start.mean.data.slice()),
      std: Float32Array.from(start.mean.data, (_, i) => config.initialStd * unit[i % spec.actionDim]!),
      guests: guestsOf(config, spec, start),
      elites: [],
      best: null,
      iteration: 0,
    };
  },

  sample(state, rng) {
    const { spec, mean, iteration } = state;
    const width = widthOf(spec);
    const count = samplesAt(spec, iteration, 1 / config.decay);
    const data = new Float32Array(count * width);
    data.set(mean);
    const guests = state.guests.slice(0, Math.floor((count - 1) / 2));
    guests.forEach((guest, i) => data.set(guest, (i + 1) * width));
    for (let at = (guests.length + 1) * width; at < data.length; at += width) perturb(state, rng, data, at);
    return { state, candidates: candidatesOf(spec, confine(spec, data)) };
  },

  update(state, candidates, { costs }) {
    const { spec } = state;
    const indexes = elitesOf(costs, spec.elites);
    const elite = moments(candidates, indexes);
    const elites = indexes.map((i) => candidate(candidates, i));
    const unit = halfRange(spec);
    const std = mix(state.std, elite.std, config.momentum);
    const cost = costs[indexes[0]!]!;
    return {
      ...state,
      mean: confine(spec, mix(state.mean, elite.mean, config.momentum)),
      std: std.map((value, i) => Math.max(value, config.minimumStd * unit[i % spec.actionDim]!)),
      guests: elites.slice(0, Math.ceil(config.keep * elites.length)),
      elites,
      best: state.best && state.best.cost <= cost ? state.best : { cost, plan: elites[0]! },
      iteration: state.iteration + 1,
    };
  },

  result: ({ spec, mean, best }) => planOf(spec, best?.plan ?? mean),
  spread: ({ spec, std }) => relativeSpread(spec, std),
});

export const icem = icemPlanner(icemDefaults);

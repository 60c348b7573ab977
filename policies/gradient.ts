import { JepilotError } from '#src/errors.js';
import { perturbations, startAround, wide, type Around } from '#src/planning/perturbations.js';
import type { Planner } from '#src/planning/planner.js';
import {
  candidate,
  candidatesOf,
  confine,
  elitesOf,
  moments,
  planOf,
  relativeSpread,
  widthOf,
} from '#src/planning/population.js';

export interface GradientConfig {
  /** Action sequences that descend side by side, or as many as the search has samples. */
  readonly starts: number;
  /** Step of Adam, in half ranges of the action. */
  readonly learningRate: number;
  /** Standard deviation of the starts around the mean, in half ranges. */
  readonly initialStd: number;
  /** Exponent of the spectrum of that noise over raw time steps. */
  readonly beta: number;
}

export const gradientDefaults: GradientConfig = { starts: 16, learningRate: 0.1, initialStd: 0.7, beta: 2 };

/** Adam's memory: shares of the old first and second moment. */
const DECAY = { first: 0.9, second: 0.99 };

export interface GradientState extends Around {
  /** Where the sequences are, [N·W]; null before the first sample. */
  readonly plans: Float32Array | null;
  /** Moments of the gradient per half range, [N·W]. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly best: { readonly cost: number; readonly plan: Float32Array } | null;
  readonly iteration: number;
}

/** One step of Adam from `plans` [N·W] against their gradient, in half ranges; a slope that isn't finite is no slope. */
function descend(config: GradientConfig, state: GradientState, plans: Float32Array, gradient: Float32Array) {
  const { spec, iteration } = state;
  const unit = wide(spec, 1);
  const slopes = gradient.map((slope, i) => (Number.isFinite(slope) ? slope * unit[i % unit.length]! : 0));
  const blend = (old: Float32Array, share: number, fresh: (slope: number) => number) =>
    slopes.map((slope, i) => share * (old[i] ?? 0) + (1 - share) * fresh(slope));
  const first = blend(state.first, DECAY.first, (slope) => slope);
  const second = blend(state.second, DECAY.second, (slope) => slope ** 2);
  const bias = Math.sqrt(1 - DECAY.second ** (iteration + 1)) / (1 - DECAY.first ** (iteration + 1));
  const moved = plans.map((value, i) => {
    const step = (bias * first[i]!) / (Math.sqrt(second[i]!) + 1e-12);
    return value - config.learningRate * unit[i % unit.length]! * step;
  });
  return { plans: confine(spec, moved), first, second };
}

/**
 * Gradient descent through the model: a few action sequences, smooth perturbations of the last plan, each follow Adam
 * within the bounds; the best plan that was ever scored wins. Kingma & Ba, ICLR 2015 (arXiv 1412.6980), on the
 * planning of Bharadhwaj et al., L4DC 2020 (arXiv 2004.08763).
 */
export const gradientPlanner = (config: GradientConfig): Planner<GradientState> => ({
  name: 'gradient',
  about: 'Adam on a few action sequences, by the gradient that the model exports',
  needs: 'gradient',

  init: (spec, start) => ({
    ...startAround(spec, start, config),
    plans: null,
    first: new Float32Array(0),
    second: new Float32Array(0),
    best: null,
    iteration: 0,
  }),

  sample(state, rng) {
    const { spec, plans } = state;
    const count = Math.min(config.starts, spec.samples);
    return { state, candidates: plans ? candidatesOf(spec, plans) : perturbations(state, count, rng) };
  },

  update(state, candidates, { costs, gradient }) {
    if (!gradient)
      throw new JepilotError('bad-state', "planner 'gradient' got an evaluation without a gradient");
    const index = elitesOf(costs, 1)[0]!;
    const cost = costs[index]!;
    const best =
      state.best && state.best.cost <= cost ? state.best : { cost, plan: candidate(candidates, index) };
    const moved = descend(config, state, candidates.data, gradient.data);
    return { ...state, ...moved, best, iteration: state.iteration + 1 };
  },

  result: ({ spec, mean, best }) => planOf(spec, best?.plan ?? mean),
  spread({ spec, plans }) {
    const all = plans ?? new Float32Array(widthOf(spec));
    const indexes = Array.from({ length: all.length / widthOf(spec) }, (_, n) => n);
    return relativeSpread(spec, moments(candidatesOf(spec, all), indexes).std);
  },
});

export const gradient = gradientPlanner(gradientDefaults);

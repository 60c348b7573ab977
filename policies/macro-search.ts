import { optimize, type Evaluate, type Search } from '#src/planning/optimize.js';
import type { PlanningSpec } from '#src/planning/planner.js';
import { candidatesOf } from '#src/planning/population.js';
import { warmStart } from '#src/planning/warm-start.js';
import type { Rng } from '#src/rng.js';
import type { ActionSpec } from '#src/spec.js';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '#src/tensor.js';
import type { ModelManifest } from '#src/world-model/manifest.js';
import type { WorldModel } from '#src/world-model/world-model.js';
import { icemDefaults, icemPlanner } from './icem.ts';

/** How to look far ahead. */
export interface MacroConfig {
  /** Length of a long plan, in horizons of the fine search. */
  readonly reach: number;
  /** Model steps for which one macro action is held. */
  readonly hold: number;
  readonly samples: number;
  readonly elites: number;
  readonly iterations: number;
  /** What a model step costs, in model steps of time to go: of two ways to the same end, the shorter. */
  readonly haste: number;
}

/** Wide enough that most macro actions are at full range: who wants to get far, goes fast. */
const coarse = icemPlanner({ ...icemDefaults, initialStd: 2.5, beta: 1 });

/** The far end of a long plan that leads nearest to the goal. */
export interface MacroPlan {
  readonly search: Search<unknown>;
  /** Raw rows [L·f, a]. */
  readonly rows: Tensor;
  /** The model step after which it is nearest to the goal, from 1. */
  readonly nearest: number;
  readonly evaluations: number;
}

/** Where a long search starts, and what it may take. */
export interface MacroProblem {
  readonly model: WorldModel;
  readonly actionSpec: ActionSpec;
  /** Model steps of the fine search. */
  readonly horizon: number;
  /** [1, D] both. */
  readonly latent: Tensor;
  readonly goal: Tensor;
  /** The last long search, and the control steps that passed since. */
  readonly last: { readonly search: Search<unknown>; readonly elapsed: number } | null;
  readonly executed: Tensor;
  readonly rng: Rng;
  readonly now: () => number;
  readonly deadline: number;
}

export const longHorizon = ({ reach, hold }: MacroConfig, horizon: number): number =>
  hold * Math.ceil((reach * horizon) / hold);

/** Macro actions [N, K, a], each held for `hold` model steps, as model actions [N, K·hold, f·a]. */
export function held(macro: Tensor, hold: number, repeat: number): Tensor {
  const [n, count, dim] = [extent(macro, 0), extent(macro, 1), extent(macro, 2)];
  const times = hold * repeat;
  const data = Float32Array.from({ length: n * count * times * dim }, (_, i) => {
    const row = Math.floor(i / (dim * times));
    return macro.data[row * dim + (i % dim)]!;
  });
  return tensor([n, count * hold, repeat * dim], data);
}

const specOf = ({ action }: ModelManifest, config: MacroConfig, horizon: number): PlanningSpec => ({
  horizon: longHorizon(config, horizon) / config.hold,
  actionRepeat: 1,
  actionDim: action.dim,
  minimum: action.minimum,
  maximum: action.maximum,
  samples: config.samples,
  elites: config.elites,
  iterations: config.iterations,
  committed: zeros([0, action.dim]),
});

/** The step, from 1, after which a plan is nearest to the goal, and what that is worth: time to go [L] in model steps. */
function nearestOf(timeToGo: Float32Array, haste: number): { nearest: number; cost: number } {
  let [nearest, cost] = [1, Infinity];
  timeToGo.forEach((value, t) => {
    const worth = value + haste * (t + 1);
    if (worth < cost) [nearest, cost] = [t + 1, worth];
  });
  return { nearest, cost };
}

/**
 * Looks far ahead with few decisions: long plans of macro actions, each held for several model steps, are searched for
 * the one that at some time comes nearest to the goal, however far it strays before.
 */
export async function macroSearch(config: MacroConfig, problem: MacroProblem): Promise<MacroPlan> {
  const { model, actionSpec, horizon, latent, goal, last, rng, now, deadline } = problem;
  const { action, latentDim } = model.manifest;
  const spec = specOf(model.manifest, config, horizon);
  const length = longHorizon(config, horizon);
  const context = { latents: latent, actions: zeros([0, action.repeat * action.dim]) };
  const objective = { kind: 'metric', over: 'terminal' } as const;
  const timesToGo = async (macro: Tensor): Promise<Tensor> => {
    const actions = held(macro, config.hold, action.repeat);
    const [evaluation] = await model.evaluate([
      { context, goal: reshape(goal, [latentDim]), actions, objective },
    ]);
    return evaluation!.timeToGo!;
  };
  const evaluate: Evaluate = async (macro) => {
    const times = await timesToGo(macro);
    const costs = Float32Array.from(
      { length: extent(macro, 0) },
      (_, n) => nearestOf(slice(times, n, n + 1).data, config.haste).cost,
    );
    return { costs, timeToGo: null, latents: null };
  };
  const passed = last ? Math.round(last.elapsed / (config.hold * action.repeat)) : 0;
  const before = last && { step: 0, rows: last.search.rows, state: last.search.state };
  const start = warmStart(actionSpec, spec.horizon, before, passed, problem.executed);
  const { iterations } = config;
  const search = await optimize(coarse, spec, start, evaluate, { iterations, deadline, now, rng });
  const best = candidatesOf(spec, search.rows.data);
  const { nearest } = nearestOf((await timesToGo(best)).data, config.haste);
  const rows = reshape(held(best, config.hold, action.repeat), [length * action.repeat, action.dim]);
  return { search, rows, nearest, evaluations: (search.evaluations / spec.horizon) * length + length };
}

/** Where raw rows lead to in `steps` model steps, [1, D]. */
export async function endOf(model: WorldModel, latent: Tensor, rows: Tensor, steps: number): Promise<Tensor> {
  const { repeat, dim } = model.manifest.action;
  let end = latent;
  for (let t = 0; t < steps; t++) {
    const block = slice(rows, t * repeat, (t + 1) * repeat);
    end = await model.predict(end, reshape(block, [1, repeat * dim]));
  }
  return end;
}

import type { Rng } from '../rng.ts';
import type { Tensor } from '../tensor.ts';
import type { Evaluation } from '../world-model/world-model.ts';

/** The search problem: raw action bounds and the size of the search. */
export interface PlanningSpec {
  /** Model steps imagined. */
  readonly horizon: number;
  /** Raw actions per model step, and values per raw action. */
  readonly actionRepeat: number;
  readonly actionDim: number;
  readonly minimum: readonly number[];
  readonly maximum: readonly number[];
  readonly samples: number;
  readonly elites: number;
  readonly iterations: number;
  /** Each population's share of the one before it, where the planner is not to go by its own. */
  readonly shrink?: number;
  /** Raw rows [d, a] that are decided already: every candidate begins with them. */
  readonly committed: Tensor;
}

export interface PlannerStart<S> {
  /** Where the search starts, [H·f, a] raw rows: the last plan shifted by the steps that passed, or keeping still. */
  readonly mean: Tensor;
  /** Further raw plans [k, H·f, a] that the first population should hold. */
  readonly proposals?: Tensor;
  readonly previous?: S;
  /** Control steps between the present and the one that the previous search began from. */
  readonly elapsed: number;
}

/**
 * A planner as pure functions over a state `S`; `optimize()` owns the loop. All that a new planner writes.
 * Candidates are raw actions [N, H, A] with A = f·a; row 0 is the present mean.
 */
export interface Planner<S = unknown> {
  readonly name: string;
  readonly about: string;
  /** `gradient`: evaluations carry the gradient [N, H, A] too. Only models with a gradient graph can serve that. */
  readonly needs: 'costs' | 'gradient';
  init(spec: PlanningSpec, start: PlannerStart<S>): S;
  sample(state: S, rng: Rng): { state: S; candidates: Tensor };
  update(state: S, candidates: Tensor, evaluation: Evaluation): S;
  /** The plan [H·f, a] in raw rows. */
  result(state: S): Tensor;
  /** Spread of the search distribution in units of half the action range; for evidence. */
  spread(state: S): number;
}

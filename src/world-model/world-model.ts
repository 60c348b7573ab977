import type { Observation } from '../env/observation.ts';
import type { ObjectiveSpec } from '../planning/objective.ts';
import type { Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import type { PrecisionReport } from './precision.ts';

/** One robot's population of candidate plans, to be imagined and scored. */
export interface Job {
  /** Latents [T, D], one model step apart, newest last, and the model actions [T-1, A] executed between them. */
  readonly context: { readonly latents: Tensor; readonly actions: Tensor };
  /** Latent of the goal, [D]. */
  readonly goal: Tensor;
  /** Candidates [N, H, A] in raw units: blocks of `repeat` raw actions. The model normalises them. */
  readonly actions: Tensor;
  readonly objective: ObjectiveSpec;
  /** Also return the imagined latents. */
  readonly want?: 'latents';
}

export interface Evaluation {
  /** [N], to be minimised. */
  readonly costs: Float32Array;
  /** Imagined time to go after each model step, [N, H], in model steps; null for a model without a metric head. */
  readonly timeToGo: Tensor | null;
  /** [N, H, D], when wanted. */
  readonly latents: Tensor | null;
  /** Of each cost with respect to the candidate's raw actions, [N, H, A]; there when a planner needs it. */
  readonly gradient?: Tensor;
}

/** A Gaussian for every value of the next model action, in raw units: mean and standard deviation, both [B, A]. */
export interface ActionPrior {
  readonly mean: Tensor;
  readonly std: Tensor;
}

/** Costs [N] of candidates and their gradient [N, H, A] with respect to the raw actions. */
export interface CostGradient {
  readonly costs: Float32Array;
  readonly gradient: Tensor;
}

/** The engine's own account of what it runs on. */
export interface ProviderReport {
  /** The execution provider really used. */
  readonly used: string;
  /** Why each other provider is not used. */
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
  /** The arithmetic really used, and why no other. */
  readonly precision?: PrecisionReport;
  /** Whether rollouts run as one graph, and if not, why. */
  readonly composition?: { readonly composed: true } | { readonly composed: false; readonly reason: string };
}

/**
 * A pretrained JEPA as a latent simulator. `D` latent, `A` model action, `N` candidates (dynamic), `H` horizon.
 * `manifest.graphs` tells what an optional part can do: `prior`, `ensemble` and `gradient`. Asking for a part that isn't
 * there is a `bad-model` error that names it.
 */
export interface WorldModel extends AsyncDisposable {
  readonly manifest: ModelManifest;
  readonly provider: ProviderReport;
  /** Encodes windows of `history.frames` observations (oldest first) into latents [B, D]. */
  encode(windows: readonly (readonly Observation[])[]): Promise<Tensor>;
  /** Scores the populations of several robots in one run. All jobs share H. */
  evaluate(jobs: readonly Job[]): Promise<readonly Evaluation[]>;
  /** Time to go [B] in model steps from latents [B, D] to goals [B, D]; null for a model without a metric head. */
  timeToGo(latents: Tensor, goals: Tensor): Promise<Float32Array | null>;
  /** One model step: latents [B, D] and raw model actions [B, A] to the next latents [B, D]. */
  predict(latents: Tensor, actions: Tensor): Promise<Tensor>;
  /** What was done in the data at latents [B, D] on the way to goals [B, D]: needs `graphs.prior`. */
  prior(latents: Tensor, goals: Tensor): Promise<ActionPrior>;
  /** How much an ensemble disagrees, [B], about one step from latents [B, D] by raw actions [B, A]: `graphs.ensemble`. */
  disagreement(latents: Tensor, actions: Tensor): Promise<Float32Array>;
  /** Costs and their gradient for the model's own horizon and objective: needs `graphs.gradient`. */
  gradient(job: Job): Promise<CostGradient>;
  /** Makes and checks the rollout of `horizon` model steps for `objective`, ahead of the first `evaluate`. */
  prepare(horizon: number, objective: ObjectiveSpec): Promise<void>;
}

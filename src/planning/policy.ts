import type { Observation } from '../env/observation.ts';
import type { Privileged } from '../env/privileged.ts';
import type { Tensor } from '../tensor.ts';
import type { Plan } from './plan.ts';

/** What is to be reached: a picture, a configuration of the task (rendered by whoever owns the task), or a latent [D]. */
export type Goal =
  | { readonly kind: 'observation'; readonly value: Observation }
  | { readonly kind: 'latent'; readonly value: Tensor };

export interface PlanBudget {
  readonly iterations: number;
  /** Wall time for the whole plan; only in real time, for it makes results depend on the machine. */
  readonly seconds?: number;
}

export interface PlanRequest {
  /** The latest observations, one a control step, oldest first, at most `Policy.window` of them. */
  readonly observations: readonly Observation[];
  /** Raw actions [n, a] really sent since the last request, oldest first. */
  readonly executed: Tensor;
  /** Raw actions [d, a] that will run whatever is planned; the plan starts after them. */
  readonly committed: Tensor;
  readonly budget: PlanBudget;
  /** Raised whenever the robot was stopped, reset or connected anew; a plan of an older one never acts. */
  readonly epoch?: number;
  /** For privileged policies (expert, simulator-cem) only. */
  readonly privileged?: Privileged;
}

/** Turns observations into plans. Local, in a worker, or on another machine. */
export interface Policy extends AsyncDisposable {
  readonly name: string;
  /** Control steps of observations that a request should carry. */
  readonly window: number;
  /** Requests should carry the simulator's true state. */
  readonly privileged?: true;
  reset(episode: { seed: number; goal: Goal }): Promise<void>;
  setGoal(goal: Goal): Promise<void>;
  plan(request: PlanRequest): Promise<Plan>;
}

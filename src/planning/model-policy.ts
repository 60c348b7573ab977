import type { ActionMode } from '../spec.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import type { Planner } from './planner.ts';
import type { Policy } from './policy.ts';
import type { SearchSettings } from './search-problem.ts';

/** What a policy on a world model is made of. */
export interface ModelPolicySetting {
  /** Shared, not owned: disposing of the policy leaves it open. */
  readonly model: WorldModel;
  readonly settings: SearchSettings;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** What an action means, for rows that keep still. Default `velocity`: they are zero. */
  readonly mode?: ActionMode;
  /** The model's own planner, for what is searched; left out where the model's default is no planner. */
  readonly planner?: Planner;
}

/**
 * A policy that uses a world model in its own way, as a list holds it and a user names it: without a search (prior), or
 * around one (waypoint). What `mpcPolicy` does with a planner is the usual way.
 */
export interface ModelPolicyKind {
  readonly name: string;
  readonly about: string;
  /** Prepares what it needs of the model; `bad-model` where the model lacks a part. */
  create(setting: ModelPolicySetting): Promise<Policy>;
}

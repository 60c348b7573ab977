import type { Observation } from '../env/observation.ts';
import type { SceneGoal } from '../env/scene-goal.ts';
import type { ActionMode } from '../spec.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { PrecisionPreference } from '../world-model/precision.ts';
import type { ProviderPreference } from '../world-model/provider.ts';
import type { ProviderReport } from '../world-model/world-model.ts';
import type { Plan } from './plan.ts';
import type { Goal, PlanRequest } from './policy.ts';
import type { SearchSettings } from './search-problem.ts';

/** Which model an engine runs, and on what. */
export interface EngineConfig {
  /** Folder of the model. */
  readonly model: string;
  readonly provider: ProviderPreference;
  readonly threads: number;
  /** Arithmetic of the search; `fp32` where it is left out. */
  readonly precision?: PrecisionPreference;
}

/** How one planning session searches. */
export interface SessionConfig {
  /** A planner or a model policy by name. */
  readonly planner: string;
  readonly settings: SearchSettings;
  readonly mode?: ActionMode;
}

/** What the engine's worker answers. A session is one robot's policy, known by its number. */
// A type, not an interface: only types have the index signature that `Calls` asks for.
export type EngineCalls = {
  load(config: EngineConfig): Promise<{ manifest: ModelManifest; provider: ProviderReport }>;
  /** On what the model runs now: another provider than at load, once that one has failed. */
  provider(argument: null): Promise<ProviderReport>;
  open(config: SessionConfig): Promise<{ session: number; name: string; window: number }>;
  reset(argument: { session: number; seed: number; goal: Goal }): Promise<void>;
  setGoal(argument: { session: number; goal: Goal }): Promise<void>;
  plan(argument: { session: number; request: PlanRequest }): Promise<Plan>;
  close(argument: { session: number }): Promise<void>;
  /** The picture of a goal in a task's scene, for engines that know the tasks. */
  showGoal(argument: { task: string; goal: SceneGoal }): Promise<Observation>;
  /** Finishes what runs, refuses what waits, releases the model. The worker then ends by itself. */
  stop(argument: null): Promise<void>;
};

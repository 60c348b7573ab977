import { mpcPolicy } from './mpc-policy.ts';
import type { ModelPolicyKind, ModelPolicySetting } from './model-policy.ts';
import type { Planner } from './planner.ts';
import type { Policy } from './policy.ts';

/** Finds by name what plans on a model; the rooms are known to whoever gives this. */
export interface PlannerLists {
  /** Throws where there is no such planner. */
  readonly findPlanner: (name: string) => Promise<Planner>;
  /** Undefined for the name of a planner. */
  readonly findModelPolicy?: (name: string) => ModelPolicyKind | undefined;
}

/** Opens what `name` stands for on a model, and prepares the model for it: a planner in `mpcPolicy`, or a model policy. */
export async function openPolicy(
  name: string,
  setting: Omit<ModelPolicySetting, 'planner'>,
  { findPlanner, findModelPolicy = () => undefined }: PlannerLists,
): Promise<Policy> {
  const { model, settings } = setting;
  const kind = findModelPolicy(name);
  if (!kind) {
    const planner = await findPlanner(name);
    await model.prepare(settings.horizon, settings.objective);
    return mpcPolicy({ ...setting, planner });
  }
  const own = model.manifest.planning.planner;
  return kind.create(findModelPolicy(own) ? setting : { ...setting, planner: await findPlanner(own) });
}

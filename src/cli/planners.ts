import { modelPolicies, planners, policies, privilegedPolicies } from '#policies/index.js';
import type { ModelPolicyKind } from '../planning/model-policy.ts';
import type { Planner } from '../planning/planner.ts';
import type { PolicyKind, PrivilegedKind } from '../planning/policy-kind.ts';
import { JepilotError } from '../errors.ts';
import { isPath, loadEntry } from './load-entry.ts';

/** A shipped planner by name, or one of your own by the path of a module whose default export is a Planner. */
export const loadPlanner = (nameOrPath: string): Promise<Planner> =>
  loadEntry<Planner>(
    {
      kind: 'planner',
      entries: planners,
      keys: ['name', 'needs', 'init', 'sample', 'update', 'result', 'spread'],
    },
    nameOrPath,
  );

/** Everything that `--planner` takes by name. */
const named = [...planners, ...modelPolicies, ...policies, ...privilegedPolicies];

/** The policy of that name which uses a model in its own way; undefined for a planner. */
export const findModelPolicy = (name: string): ModelPolicyKind | undefined =>
  modelPolicies.find((policy) => policy.name === name);

/** A policy that plans without a world model. */
export type ModelFree =
  | { readonly sees: 'robot'; readonly kind: PolicyKind }
  | { readonly sees: 'simulator'; readonly kind: PrivilegedKind };

/** The policy of that name which needs no model; undefined for what needs one. Throws on a name that is neither. */
export function modelFreePolicy(name: string): ModelFree | undefined {
  const blind = policies.find((policy) => policy.name === name);
  if (blind) return { sees: 'robot', kind: blind };
  const privileged = privilegedPolicies.find((policy) => policy.name === name);
  if (privileged) return { sees: 'simulator', kind: privileged };
  if (isPath(name) || [...planners, ...modelPolicies].some((entry) => entry.name === name)) return undefined;
  const known = named.map((entry) => entry.name).join(', ');
  throw new JepilotError('unknown-name', `no planner or policy is called '${name}'; known: ${known}`);
}

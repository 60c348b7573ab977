import { planners, policies, privilegedPolicies } from '#policies/index.js';
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
const named = [...planners, ...policies, ...privilegedPolicies];

/** A policy that plans without a world model. */
export type ModelFree =
  | { readonly sees: 'robot'; readonly kind: PolicyKind }
  | { readonly sees: 'simulator'; readonly kind: PrivilegedKind };

/** The policy of that name which needs no model; undefined for a planner. Throws on a name that is neither. */
export function modelFreePolicy(name: string): ModelFree | undefined {
  const blind = policies.find((policy) => policy.name === name);
  if (blind) return { sees: 'robot', kind: blind };
  const privileged = privilegedPolicies.find((policy) => policy.name === name);
  if (privileged) return { sees: 'simulator', kind: privileged };
  if (isPath(name) || planners.some((planner) => planner.name === name)) return undefined;
  const known = named.map((entry) => entry.name).join(', ');
  throw new JepilotError('unknown-name', `no planner or policy is called '${name}'; known: ${known}`);
}

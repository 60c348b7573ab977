import { planners, policies } from '#policies/index.js';
import type { Planner } from '../planning/planner.ts';
import type { PolicyKind } from '../planning/policy-kind.ts';
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

/** The policy of that name which needs no model; undefined for a planner. Throws on a name that is neither. */
export function modelFreePolicy(name: string): PolicyKind | undefined {
  const found = policies.find((policy) => policy.name === name);
  if (found || isPath(name) || planners.some((planner) => planner.name === name)) return found;
  const known = [...planners, ...policies].map((entry) => entry.name).join(', ');
  throw new JepilotError('unknown-name', `no planner or policy is called '${name}'; known: ${known}`);
}

import type { Planner } from '#src/planning/planner.js';
import type { PolicyKind } from '#src/planning/policy-kind.js';
import { cem } from './cem.js';
import { icem } from './icem.js';
import { random } from './random.js';
import { zero } from './zero.js';

/** Every planner that is shipped. A new one is a file and a line here. */
export const planners: readonly Planner[] = [icem, cem];

/** Every policy that needs no world model. */
export const policies: readonly PolicyKind[] = [random, zero];

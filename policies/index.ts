import type { Planner } from '#src/planning/planner.js';
import type { PolicyKind } from '#src/planning/policy-kind.js';
import { cem } from './cem.ts';
import { icem } from './icem.ts';
import { random } from './random.ts';
import { zero } from './zero.ts';

/** Every planner that is shipped. A new one is a file and a line here. */
export const planners: readonly Planner[] = [icem, cem];

/** Every policy that needs no world model. */
export const policies: readonly PolicyKind[] = [random, zero];

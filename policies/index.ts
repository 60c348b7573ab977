import type { ModelPolicyKind } from '#src/planning/model-policy.js';
import type { Planner } from '#src/planning/planner.js';
import type { PolicyKind, PrivilegedKind } from '#src/planning/policy-kind.js';
import { cem } from './cem.ts';
import { expert } from './expert.ts';
import { gradient } from './gradient.ts';
import { icem } from './icem.ts';
import { mppi } from './mppi.ts';
import { predictiveSampling } from './predictive-sampling.ts';
import { prior } from './prior.ts';
import { random } from './random.ts';
import { roadmap } from './roadmap.ts';
import { simulatorCem } from './simulator-cem.ts';
import { waypoint } from './waypoint.ts';
import { zero } from './zero.ts';

/** Every planner that is shipped. A new one is a file and a line here. */
export const planners: readonly Planner[] = [icem, cem, mppi, predictiveSampling, gradient];

/** Every policy that uses a world model in its own way. */
export const modelPolicies: readonly ModelPolicyKind[] = [prior, waypoint, roadmap];

/** Every policy that needs no world model. */
export const policies: readonly PolicyKind[] = [random, zero];

/** Every policy that sees the true state, for comparison. */
export const privilegedPolicies: readonly PrivilegedKind[] = [expert, simulatorCem];

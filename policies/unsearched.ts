import { noEvidence, type Plan } from '#src/planning/plan.js';
import type { PlanRequest } from '#src/planning/policy.js';
import { JepilotError } from '#src/errors.js';
import type { Tensor } from '#src/tensor.js';

/** The control step at which the plan of a request starts: after the committed rows. */
export function startStepOf({ observations, committed }: PlanRequest): number {
  const present = observations.at(-1);
  if (!present)
    throw new JepilotError('bad-state', 'a plan request needs at least one observation; got none');
  return present.step + (committed.shape[0] ?? 0);
}

/** A plan that nobody searched for: no costs, no predictions. */
export const unsearched = (id: number, startStep: number, actions: Tensor): Plan => ({
  id,
  actions,
  startStep,
  evidence: noEvidence,
});

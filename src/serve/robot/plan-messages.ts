import type { PlanRequest } from '../../planning/policy.ts';
import { concat, extent, slice, tensor } from '../../tensor.ts';
import { ndarrayFrom } from '../../wire/ndarray.ts';
import { evidenceToWire, floatsOf, observationOf } from '../../wire/robot-conversions.ts';
import type { MessageOf } from '../../wire/robot-messages.ts';
import type { ServedPlan } from '../sessions.ts';

type Asked = MessageOf<'observation'>;

/**
 * The plan request that an observation stands for. `executed` is cut to the rows since the last observation that was
 * planned from, whatever was lost in between.
 */
export function requestOf(asked: Asked, plannedStep: number | null, iterations: number): PlanRequest {
  const observations = asked.frames.map(observationOf);
  const executed = tensor(asked.executed.shape, floatsOf(asked.executed));
  const count = extent(executed, 0);
  const step = observations.at(-1)?.step ?? 0;
  const since = plannedStep === null ? count : Math.max(0, step - plannedStep);
  const { iterations: wanted, seconds } = asked.budget;
  return {
    observations,
    executed: slice(executed, Math.max(0, count - since), count),
    committed: tensor(asked.committed.shape, floatsOf(asked.committed)),
    budget: { iterations: wanted ?? iterations, ...(seconds === null ? {} : { seconds }) },
  };
}

/** The chunk that answers an observation: its committed rows, then the plan's. */
export function chunkOf(
  asked: Asked,
  { plan, queueMs, reached }: ServedPlan,
): Omit<MessageOf<'chunk'>, 'seq'> {
  const committed = tensor(asked.committed.shape, floatsOf(asked.committed));
  const { evidence } = plan;
  return {
    t: 'chunk',
    epoch: asked.epoch,
    re: asked.seq,
    id: plan.id,
    startStep: plan.startStep - extent(committed, 0),
    committed: extent(committed, 0),
    actions: ndarrayFrom(concat([committed, plan.actions])),
    timing: { queueMs, encodeMs: evidence.encodeMs, searchMs: evidence.searchMs, planMs: evidence.totalMs },
    evidence: evidenceToWire(evidence),
    reached,
  };
}

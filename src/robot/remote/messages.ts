import type { Plan } from '../../planning/plan.ts';
import type { Goal } from '../../planning/policy.ts';
import { slice, tensor, type Tensor } from '../../tensor.ts';
import { ndarrayFrom } from '../../wire/ndarray.ts';
import { evidenceOf, floatsOf, frameOf } from '../../wire/robot-conversions.ts';
import type { MessageOf } from '../../wire/robot-messages.ts';
import type { WireGoal } from '../../wire/robot-values.ts';

type Chunk = MessageOf<'chunk'>;

export function goalToWire(goal: Goal): WireGoal {
  if (goal.kind === 'observation') return { kind: 'observation', frame: frameOf(goal.value) };
  return { kind: 'latent', value: ndarrayFrom({ shape: [goal.value.data.length], data: goal.value.data }) };
}

/** The rows behind the committed ones. A chunk of the wrong width stays so, for the envelope to refuse. */
export function planOf({ id, actions, committed, startStep, evidence, timing }: Chunk): Plan {
  const all: Tensor = tensor(actions.shape, floatsOf(actions));
  const [count = 0] = actions.shape;
  const rows = slice(all, Math.min(committed, count), count);
  return { id, actions: rows, startStep: startStep + committed, evidence: evidenceOf(evidence, timing) };
}

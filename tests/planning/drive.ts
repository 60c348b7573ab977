import type { Plan } from '#src/planning/plan.js';
import type { Policy } from '#src/planning/policy.js';
import { tensor } from '#src/tensor.js';
import { GAIN, seen } from '../fakes/linear-world-model.js';

export interface Drive {
  readonly steps: number;
  /** Control steps between plans. */
  readonly every: number;
  /** Control steps from an observation to the first row of its plan. */
  readonly latency: number;
  readonly from: readonly [number, number];
  /** What the world adds to x in each step and the model does not know. */
  readonly drift?: number;
  readonly iterations?: number;
  /** Whether the world stops a step. */
  readonly blocked?: (from: readonly [number, number], to: readonly [number, number]) => boolean;
}

const stack = (rows: readonly Float32Array[]) =>
  tensor([rows.length, 2], Float32Array.from(rows.flatMap((row) => [...row])));

/** Plays a policy on the point of the linear world model: a control loop in its plainest form. */
export async function drive(
  policy: Policy,
  { steps, every, latency, from, drift = 0, iterations = 3, blocked = () => false }: Drive,
) {
  const plans: Plan[] = [];
  const sent: Float32Array[] = [];
  const path: [number, number][] = [[...from]];
  const rowAt = (step: number): Float32Array => {
    const plan = plans.findLast((p) => p.startStep <= step);
    const at = plan ? 2 * (step - plan.startStep) : 0;
    return plan && at < plan.actions.data.length ? plan.actions.data.slice(at, at + 2) : new Float32Array(2);
  };
  let asked = 0;
  for (let step = 0; step < steps; step++) {
    if (step % every === 0) {
      const committed = stack(Array.from({ length: latency }, (_, i) => rowAt(step + i)));
      const observations = path
        .slice(-policy.window)
        .map((at, i, all) => seen(step - all.length + 1 + i, ...at));
      const executed = stack(sent.slice(asked));
      plans.push(await policy.plan({ observations, executed, committed, budget: { iterations } }));
      asked = step;
    }
    const row = rowAt(step);
    sent.push(row);
    const [x, y] = path.at(-1)!;
    const to: [number, number] = [x + GAIN * row[0]! + drift, y + GAIN * row[1]!];
    path.push(blocked([x, y], to) ? [x, y] : to);
  }
  return { plans, path, at: path.at(-1)! };
}

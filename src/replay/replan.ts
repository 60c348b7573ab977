import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { Policy } from '../planning/policy.ts';
import { observationOf, type RecordedPlan, type Recording } from '../record/recording.ts';
import { tensor, type Tensor } from '../tensor.ts';

/** One plan made anew from what was seen, beside the one that was made then. */
export interface Replanned {
  /** Control step of the observation. */
  readonly step: number;
  readonly startStep: number;
  /** Lowest cost at the end of the search, then and now; null where nobody searched. */
  readonly cost: number | null;
  readonly recordedCost: number | null;
  /** Predicted control steps to go. */
  readonly timeToGo: number | null;
  readonly planMs: number;
  readonly recordedMs: number;
  /** Every row is the recorded one, bit for bit. */
  readonly identical: boolean;
  /** First row against the recorded plan's, and against what was sent at its step: largest difference, as a share of the action's range. */
  readonly fromPlan: number;
  readonly fromSent: number | null;
}

export interface ReplanResult {
  readonly planner: string;
  readonly plans: readonly Replanned[];
}

export interface ReplanOptions {
  readonly policy: Policy;
  readonly planner: string;
  /** Iterations of each plan; as many as the recorded one took where null. */
  readonly iterations: number | null;
  readonly onPlan?: () => void;
}

/**
 * Feeds the recorded observations to a policy, at the steps at which plans were made, and compares. The same planner and
 * model give the recorded plans again, bit for bit. Throws JepilotError('bad-file') where observations are missing.
 */
export async function replan(recording: Recording, options: ReplanOptions): Promise<ReplanResult> {
  const { policy, planner } = options;
  if (policy.privileged) {
    const message = `planner '${planner}' needs the simulator's state, which a recording has only at its start`;
    throw new JepilotError('invalid-value', message);
  }
  const goals = [...recording.goals];
  const first = goals.shift();
  if (!first) throw new JepilotError('bad-file', `${recording.path} has no goal picture to plan for`);
  const seed = recording.run.episode?.seed ?? recording.plans[0]?.seed ?? 0;
  await policy.reset({ seed, goal: { kind: 'observation', value: observationOf(recording, first) } });
  const plans: Replanned[] = [];
  let before: RecordedPlan | null = null;
  for (const recorded of recording.plans) {
    while (goals[0] && goals[0].step <= recorded.step) {
      await policy.setGoal({ kind: 'observation', value: observationOf(recording, goals.shift()!) });
    }
    const plan = await policy.plan({
      observations: windowAt(recording, recorded.step, policy.window),
      executed: sentRows(recording, before?.step ?? recorded.step, recorded.step),
      committed: sentRows(recording, recorded.step, recorded.startStep),
      budget: { iterations: options.iterations ?? Math.max(1, recorded.iterations) },
    });
    plans.push(compare(recording, recorded, plan));
    before = recorded;
    options.onPlan?.();
  }
  return { planner, plans };
}

/** The observations of the `window` steps up to `step`, oldest first. */
function windowAt(recording: Recording, step: number, window: number): Observation[] {
  const frames = recording.frames.filter(
    (frame) => frame.step <= step && frame.step > step - Math.max(1, window),
  );
  if (frames.at(-1)?.step === step) return frames.map((frame) => observationOf(recording, frame));
  throw new JepilotError(
    'bad-file',
    `${recording.path} lacks the observation of step ${step}, which was planned from`,
  );
}

/** What was sent at the steps from `from` up to `to`: [to - from, dim]. */
function sentRows({ path, sent, run }: Recording, from: number, to: number): Tensor {
  const dim = run.action.names.length;
  const rows = sent.filter(({ step }) => step >= from && step < to).sort((a, b) => a.step - b.step);
  if (rows.length !== to - from)
    throw new JepilotError('bad-file', `${path} lacks actions between steps ${from} and ${to}`);
  return tensor([rows.length, dim], Float32Array.from(rows.flatMap(({ values }) => values)));
}

function compare({ run, sent }: Recording, recorded: RecordedPlan, plan: Plan): Replanned {
  const { minimum, maximum } = run.action;
  const dim = minimum.length;
  const apart = (one: ArrayLike<number>, other: readonly number[]): number =>
    Math.max(...other.map((value, i) => Math.abs((one[i] ?? NaN) - value) / (maximum[i]! - minimum[i]!)));
  const row = plan.actions.data.subarray(0, dim);
  const executed = sent.find(({ step }) => step === plan.startStep);
  const recordedRows = Float32Array.from(recorded.rows.flatMap(({ values }) => values));
  const { costs, timeToGo, totalMs } = plan.evidence;
  return {
    step: recorded.step,
    startStep: plan.startStep,
    cost: costs.at(-1) ?? null,
    recordedCost: recorded.costs.at(-1) ?? null,
    timeToGo,
    planMs: totalMs,
    recordedMs: recorded.totalMs,
    identical:
      recordedRows.length === plan.actions.data.length &&
      recordedRows.every((value, i) => value === plan.actions.data[i]),
    fromPlan: apart(row, recorded.rows[0]?.values ?? []),
    fromSent: executed ? apart(row, executed.values) : null,
  };
}

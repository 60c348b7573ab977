import { JepilotError } from '../errors.ts';
import { planTimes } from '../record/summary.ts';
import type { PlanTimes } from '../record/run-record.ts';
import type { Recording } from '../record/recording.ts';

/** A recorded run in numbers that can stand beside another's. */
export interface RunFigures {
  readonly file: string;
  readonly planner: string;
  readonly model: string | null;
  readonly seed: number | null;
  readonly success: boolean | null;
  readonly steps: number;
  readonly stepsToSuccess: number | null;
  /** In the task's unit; null where nobody measured. */
  readonly finalDistance: number | null;
  readonly plans: number;
  readonly planMs: PlanTimes | null;
  readonly holds: number;
  readonly tails: number;
  readonly clamped: number;
  /** Largest change of a value between consecutive commands, as a share of its range. */
  readonly largestChange: number;
  /** Root mean square of such changes: how smooth the motion is. */
  readonly rmsChange: number;
}

export interface Comparison {
  readonly task: string;
  readonly distanceUnit: string;
  readonly runs: readonly [RunFigures, RunFigures];
  /** Both began in the same state, so that what differs is what was done. */
  readonly sameStart: boolean;
  /** First step whose commands differ; null for none. */
  readonly commandsDifferAt: number | null;
  /** First step whose states differ; null for none. */
  readonly statesDifferAt: number | null;
}

/** Changes between consecutive commands, as shares of the action's range. */
function changes({ sent, run }: Recording): number[] {
  const { minimum, maximum } = run.action;
  return sent
    .slice(1)
    .flatMap(({ values }, i) =>
      values.map((value, j) => Math.abs(value - (sent[i]?.values[j] ?? value)) / (maximum[j]! - minimum[j]!)),
    );
}

function figuresOf(recording: Recording): RunFigures {
  const { run, sent, plans, progress, path } = recording;
  const acted = sent.filter(({ reason }) => reason !== 'stopping');
  const reached = progress.find(({ success }) => success)?.step ?? null;
  const steps = changes(recording);
  return {
    file: path,
    planner: run.planner,
    model: run.model?.name ?? null,
    seed: run.episode?.seed ?? null,
    success: progress.length === 0 ? null : reached !== null,
    steps: acted.length,
    stepsToSuccess: reached,
    finalDistance: progress.at(-1)?.distance ?? null,
    plans: plans.length,
    planMs: planTimes(plans.map(({ totalMs }) => totalMs)),
    holds: acted.filter(({ source }) => source === 'hold').length,
    tails: acted.filter(({ source }) => source === 'tail').length,
    clamped: acted.filter(({ clamped }) => clamped).length,
    largestChange: Math.max(0, ...steps),
    rmsChange: Math.sqrt(steps.reduce((sum, change) => sum + change * change, 0) / Math.max(1, steps.length)),
  };
}

const same = (one: ArrayLike<number>, other: ArrayLike<number>): boolean =>
  one.length === other.length && Array.from(one).every((value, i) => value === other[i]);

/** Puts two recordings of one task side by side. Throws JepilotError('invalid-value') for different tasks. */
export function compareRecordings(one: Recording, other: Recording): Comparison {
  if (one.run.task !== other.run.task) {
    const message = `${one.path} is of task '${one.run.task}', ${other.path} of '${other.run.task}': compare runs of one task`;
    throw new JepilotError('invalid-value', message);
  }
  const pairs = Math.min(one.sent.length, other.sent.length);
  const command = one.sent.slice(0, pairs).findIndex(({ values }, i) => !same(values, other.sent[i]!.values));
  const states = new Map(other.frames.map(({ step, state }) => [step, state]));
  const state = one.frames.find((frame) => {
    const beside = states.get(frame.step);
    return beside !== undefined && !same(frame.state, beside);
  });
  const [first, second] = [one.frames[0], other.frames[0]];
  return {
    task: one.run.task,
    distanceUnit: one.run.distanceUnit,
    runs: [figuresOf(one), figuresOf(other)],
    sameStart: first !== undefined && second !== undefined && same(first.state, second.state),
    commandsDifferAt: command < 0 ? null : (one.sent[command]?.step ?? null),
    statesDifferAt: state?.step ?? null,
  };
}

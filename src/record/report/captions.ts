import { readable } from '../outcome.ts';
import type { RunRecord } from '../run-record.ts';

/** A chart's heading, and what it shows in words: the text for those who can't see it. */
export interface Caption {
  readonly id: 'progress' | 'actions' | 'cost' | 'latency';
  readonly title: string;
  readonly text: string;
}

const finite = (values: readonly (number | null)[]): number[] =>
  values.filter((v): v is number => v !== null && Number.isFinite(v));

const predicts = (run: RunRecord): boolean => run.plans.some((plan) => plan.evidence.timeToGo !== null);

function progressText(run: RunRecord): string {
  const predicted = finite(run.plans.map((plan) => plan.evidence.timeToGo));
  const measured = finite(run.distances);
  const parts: string[] = [];
  if (predicted.length > 0) {
    parts.push(
      `Dots are the model's guess, at each plan, of how many control steps remain (first ${readable(predicted[0]!)}, ` +
        `last ${readable(predicted.at(-1)!)}). Thin lines are what the plan then imagined; the present plan's is bold.`,
    );
  } else {
    parts.push('This policy predicts no time to go.');
  }
  if (measured.length > 0) {
    parts.push(
      `The dashed line is the true distance to the goal, which the planner never sees: ` +
        `${readable(measured[0]!)} at the start, ${readable(measured.at(-1)!)} at the end.`,
    );
  }
  return parts.join(' ');
}

function costText(run: RunRecord): string {
  const gains = run.plans.flatMap(({ evidence: { costs } }) => {
    const first = costs[0];
    const last = costs.at(-1);
    return first === undefined || last === undefined || costs.length < 2 ? [] : [first - last];
  });
  const better = gains.filter((gain) => gain > 0).length;
  const found =
    gains.length === 0 ? '' : ` Searching on lowered the cost in ${better} of ${gains.length} plans.`;
  return `The lowest cost found in the first and in the last iteration of each plan; less is better.${found}`;
}

function latencyText(run: RunRecord): string {
  const times = run.result.planMs;
  if (times === null) return 'Nothing was planned.';
  const cut = run.plans.filter((plan) => plan.evidence.cut).length;
  const limit =
    run.deadlineMs === null
      ? 'No deadline was set.'
      : `The slowest took ${readable(times.max)} ms of the ${readable(run.deadlineMs)} ms allowed.`;
  const short = cut === 0 ? '' : ` The deadline cut ${cut} short.`;
  return `Milliseconds per plan: median ${readable(times.p50)}, p95 ${readable(times.p95)}, worst ${readable(times.max)}. ${limit}${short}`;
}

function actionText(run: RunRecord): string {
  const { holds, tails, steps } = run.result;
  const clamped = run.ticks.filter((tick) => tick.clamped).length;
  const driven =
    holds + tails === 0
      ? 'A live plan drove every step.'
      : `Of ${steps} steps, ${tails} ran the tail of an older plan and ${holds} held still for want of one (shaded).`;
  const limited = clamped === 0 ? '' : ` Safety limits changed ${clamped} of them.`;
  const many = run.actionNames.length > 2 ? ' Click a name to hide its line.' : '';
  return `The command sent at each step. ${driven}${limited}${many}`;
}

/** The charts of a report, in order. */
export const captions = (run: RunRecord): readonly Caption[] => [
  { id: 'progress', title: predicts(run) ? 'Time to go' : 'Distance to the goal', text: progressText(run) },
  { id: 'actions', title: 'Actions sent', text: actionText(run) },
  { id: 'cost', title: 'Cost of the plans', text: costText(run) },
  { id: 'latency', title: 'Time to plan', text: latencyText(run) },
];

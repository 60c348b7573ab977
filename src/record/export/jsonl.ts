import { JsonLines } from '../json-lines.ts';
import type { Recording } from '../recording.ts';

/**
 * Writes recordings as one JSON value a line: `run`, then `tick`, `plan` and `event` by control step, then `result`, each with
 * the number of its recording. Pictures are left out. Throws JepilotError('io').
 */
export function exportJsonl(recordings: readonly Recording[], out: string): void {
  const lines = new JsonLines(out);
  try {
    recordings.forEach((recording, index) => {
      for (const line of linesOf(recording)) lines.write({ recording: index, ...line });
    });
  } finally {
    lines.close();
  }
}

function linesOf({
  path,
  run,
  sent,
  plans,
  events,
  frames,
  progress,
  result,
  condition,
}: Recording): object[] {
  const seen = new Map(frames.map(({ step, state }) => [step, state]));
  const judged = new Map(progress.map(({ step, distance, success }) => [step, { distance, success }]));
  const moments = [
    ...sent.map((tick) => ({ kind: 'tick', ...tick, state: seen.get(tick.step), ...judged.get(tick.step) })),
    ...plans.map(({ rows, ...plan }) => ({
      kind: 'plan',
      ...plan,
      actions: rows.map(({ values }) => values),
    })),
    ...events.map(({ kind, ...event }) => ({ kind: 'event', event: kind, ...event })),
  ].sort((a, b) => a.step - b.step);
  return [{ kind: 'run', file: path, ...run }, ...moments, { kind: 'result', ...result, condition }];
}

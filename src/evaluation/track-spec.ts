import { z } from 'zod';
import type { Task, Track } from '../env/task.ts';
import { JepilotError } from '../errors.ts';
import { pick } from '../registry.ts';

const positive = z.int().positive();

/**
 * A track of a task, or one derived from it, as data that crosses processes and has a hash. The name alone means the
 * task's own track.
 */
export const TrackSpec = z.strictObject({
  name: z.string().min(1),
  /** The task's track that this one is derived from; the one of the same name by default. */
  from: z.string().min(1).optional(),
  /** Start and goal lie this many control steps apart on a trajectory of the behaviour policy. */
  offset: positive.optional(),
  /** Control steps that an episode may take; twice the offset where one is given. */
  budget: positive.optional(),
  /** Control steps in a row for which the goal must be met. */
  hold: positive.optional(),
  /** Success is judged at the end of the budget, and only where every step on the way was legal. */
  strict: z.literal(true).optional(),
});
export type TrackSpec = z.infer<typeof TrackSpec>;

/** The field's growing distance: `far-50` is a goal 50 control steps ahead, with twice as many to get there. */
export const atOffset = (name: string, offset: number): TrackSpec => ({
  name: `${name}-${offset}`,
  offset,
  budget: 2 * offset,
});

/** As CLEAR's strict protocol: unsolved at the start, held for `hold` steps at the end, by a legal route. */
export const strictOf = (from: string, hold: number): TrackSpec => ({
  name: `strict-${from}`,
  from,
  hold,
  strict: true,
});

function trackOf(task: Task, spec: TrackSpec): Track {
  const { name, from, offset, budget, hold } = spec;
  const rules = { ...(hold !== undefined && { hold }), ...(budget !== undefined && { budget }) };
  if (offset === undefined) {
    const known = pick(`track of task '${task.name}'`, task.tracks, from ?? name);
    return { ...known, ...rules, name };
  }
  const about = `goal ${offset} control steps ahead on a behaviour trajectory`;
  return { kind: 'trajectory', name, about, offset, budget: 2 * offset, ...rules };
}

/** Whether the spec says no more than a name, which the task itself explains. */
const isPlain = (spec: TrackSpec): boolean => Object.keys(spec).every((key) => key === 'name');

/** The task with one more track, under the name of the spec. Throws `unknown-name` where the task lacks its origin. */
export function withTrack(task: Task, spec: TrackSpec): Task {
  const track = trackOf(task, spec);
  if (isPlain(spec)) return task;
  const taken = task.tracks.some((known) => known.name === spec.name);
  if (taken && spec.from !== undefined && spec.from !== spec.name) {
    throw new JepilotError(
      'invalid-value',
      `track '${spec.name}' of task '${task.name}' is its own; give the derived one another name`,
    );
  }
  const others = task.tracks.filter((known) => known.name !== spec.name);
  return { ...task, tracks: [track, ...others] };
}

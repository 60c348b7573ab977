import { JepilotError } from '../../errors.ts';
import type { Image } from '../../env/observation.ts';
import { observationOf, type Recording } from '../recording.ts';

/** One control step of an episode as training data: what was seen, and the action that was executed next. */
export interface ExportRow {
  readonly step: number;
  readonly state: Float32Array;
  /** Picture files by camera, as recorded. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly action: Float32Array;
}

/** A recorded run as an episode of a data set. */
export interface ExportEpisode {
  readonly recording: Recording;
  readonly rows: readonly ExportRow[];
}

/**
 * The steps of a recording that have both an observation and an executed action. Throws JepilotError('bad-file') where
 * there is none, or a picture was left out while recording.
 */
export function episodeOf(recording: Recording): ExportEpisode {
  const { path, run, frames, sent } = recording;
  const actions = new Map(sent.map(({ step, values }) => [step, Float32Array.from(values)]));
  const last = frames.at(-1)?.step ?? 0;
  const rows = frames.flatMap(({ step, state, images }): ExportRow[] => {
    const action = actions.get(step);
    return action && step < last ? [{ step, state, files: images, action }] : [];
  });
  if (rows.length === 0)
    throw new JepilotError('bad-file', `${path} has no step with an observation and an action`);
  const gap = rows.findIndex(({ step }, i) => step !== rows[0]!.step + i);
  if (gap > 0)
    throw new JepilotError('bad-file', `${path} lacks step ${rows[gap - 1]!.step + 1}: it makes no episode`);
  for (const { step, files } of rows) {
    const missing = run.cameras.find(({ name }) => !files[name]);
    if (missing)
      throw new JepilotError(
        'bad-file',
        `${path}: camera '${missing.name}' was left out at step ${step}: it makes no episode`,
      );
  }
  return { recording, rows };
}

/** The picture of one camera at one row. Throws JepilotError('bad-file') for a broken file. */
export function imageAt(
  { recording }: ExportEpisode,
  { step, state, files }: ExportRow,
  camera: string,
): Image {
  const image = observationOf(recording, { step, state, images: files }).images[camera];
  if (!image) throw new JepilotError('bad-file', `${recording.path} has no camera '${camera}'`);
  return image;
}

/** Throws unless all recordings are of one task with the same action, state and cameras. */
export function checkAlike(episodes: readonly ExportEpisode[]): void {
  const layout = ({ recording: { run } }: ExportEpisode): string =>
    JSON.stringify([run.task, run.action.names, run.stateNames, run.cameras, run.controlPeriod]);
  const [first] = episodes;
  const odd = episodes.find((episode) => first && layout(episode) !== layout(first));
  if (!first || !odd) return;
  throw new JepilotError(
    'invalid-value',
    `${odd.recording.path} (task '${odd.recording.run.task}') and ${first.recording.path} (task '${first.recording.run.task}') differ in task, action, state, cameras or rate: one data set holds one of them`,
  );
}

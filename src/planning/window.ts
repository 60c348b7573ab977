import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { ModelManifest } from '../world-model/manifest.ts';

type History = ModelManifest['history'];

/** Control steps that a window of the encoder spans. */
export const windowLength = ({ frames, stride }: History): number => (frames - 1) * stride + 1;

/**
 * The `frames` observations that the encoder sees, oldest first, `stride` control steps apart and ending with the
 * last one given. A frame that is missing (the episode has just begun, a picture was lost) is the newest one before
 * it, or else the oldest there is.
 */
export function windowOf(observations: readonly Observation[], { frames, stride }: History): Observation[] {
  const present = observations.at(-1);
  if (!present)
    throw new JepilotError('bad-state', 'a plan request needs at least one observation; got none');
  return Array.from({ length: frames }, (_, i) => {
    const step = present.step - (frames - 1 - i) * stride;
    return observations.findLast((o) => o.step <= step) ?? observations[0]!;
  });
}

/** The window of a goal picture: it stands still, so every frame shows the same. */
export const standingWindow = (goal: Observation, { frames }: History): Observation[] =>
  Array.from({ length: frames }, () => goal);

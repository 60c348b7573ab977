import type { Clip, RecordedData } from '../../dataset/recorded-data.ts';
import { JepilotError } from '../../errors.ts';
import type { Rng } from '../../rng.ts';
import { concat, tensor, type Tensor } from '../../tensor.ts';
import type { ModelManifest } from '../../world-model/manifest.ts';
import type { WorldModel } from '../../world-model/world-model.ts';

/** A clip in the model's own terms. */
export interface LatentClip {
  /** [H + 1, D]: encoded pictures, one model step apart. */
  readonly latents: Tensor;
  /** [H, A]: raw model actions between them. */
  readonly actions: Tensor;
}

/** Throws where data and model do not speak of the same camera and the same robot. */
function checkClip({ name, cameras, action }: ModelManifest, { images, actions }: Clip, place: string): void {
  const [camera] = cameras;
  const [image] = images;
  if (camera && image && (image.width !== camera.width || image.height !== camera.height)) {
    throw new JepilotError(
      'shape-mismatch',
      `${place} has pictures of ${image.width}×${image.height}; model '${name}' needs ${camera.width}×${camera.height}`,
    );
  }
  const dim = actions[0]?.length ?? 0;
  if (dim === action.dim) return;
  throw new JepilotError(
    'shape-mismatch',
    `${place} has actions of ${dim} values; model '${name}' needs ${action.dim}`,
  );
}

async function encode(model: WorldModel, { images, actions }: Clip, horizon: number): Promise<LatentClip> {
  const { cameras, history, action } = model.manifest;
  const camera = cameras[0]!.name;
  const lead = (history.frames - 1) * history.stride;
  const observation = (step: number) => ({
    step,
    time: 0,
    images: { [camera]: images[step]! },
    state: new Float32Array(0),
  });
  const windows = Array.from({ length: horizon + 1 }, (_, h) =>
    Array.from({ length: history.frames }, (_f, i) =>
      observation(lead + h * action.repeat - (history.frames - 1 - i) * history.stride),
    ),
  );
  const rows = new Float32Array(horizon * action.repeat * action.dim);
  actions.slice(lead).forEach((row, i) => rows.set(row, i * action.dim));
  return {
    latents: await model.encode(windows),
    actions: tensor([horizon, action.repeat * action.dim], rows),
  };
}

/**
 * Draws `count` clips of `horizon` model steps, any episode and start being as likely as another, and encodes them. What
 * holds a number that is none is drawn again. Throws JepilotError('bad-file') where no episode is long enough.
 */
export async function drawClips(
  model: WorldModel,
  data: RecordedData,
  { count, horizon, place }: { count: number; horizon: number; place: string },
  rng: Rng,
): Promise<LatentClip[]> {
  const { history, action } = model.manifest;
  const length = (history.frames - 1) * history.stride + horizon * action.repeat;
  const starts = data.lengths.map((frames) => Math.max(0, frames - length));
  const total = starts.reduce((a, b) => a + b, 0);
  if (total === 0) {
    throw new JepilotError(
      'bad-file',
      `${place} has no episode of ${length + 1} frames, which ${horizon} model steps take`,
    );
  }
  const clips: LatentClip[] = [];
  for (let attempt = 0; clips.length < count && attempt < 10 * count; attempt++) {
    let at = rng.integer(total);
    const episode = starts.findIndex((n) => (at < n ? true : ((at -= n), false)));
    const clip = await data.clip(episode, at, length);
    checkClip(model.manifest, clip, place);
    if (clip.actions.every((row) => row.every(Number.isFinite)))
      clips.push(await encode(model, clip, horizon));
  }
  if (clips.length === count) return clips;
  throw new JepilotError('bad-file', `${place}: only ${clips.length} of ${count} clips hold finite actions`);
}

/** Row `i` of each clip's latents or actions, [B, …]. */
export const rowsAt = (clips: readonly LatentClip[], part: keyof LatentClip, row: number): Tensor =>
  concat(
    clips.map((clip) => {
      const [, width = 0] = clip[part].shape;
      return tensor([1, width], clip[part].data.slice(row * width, (row + 1) * width));
    }),
  );

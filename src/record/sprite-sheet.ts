import { JepilotError } from '../errors.ts';
import type { Image } from '../env/observation.ts';
import type { Frame } from './run-record.ts';

/** Browsers on phones refuse pictures of more than 16 million pixels, and reports shall stay small. */
const MAXIMUM_PIXELS = 4_000_000;
const MAXIMUM_WIDTH = 2048;

/** Many frames in one picture, left to right, then down. */
export interface SpriteSheet {
  readonly image: Image;
  readonly columns: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  /** Control step of each frame. */
  readonly steps: readonly number[];
}

/** Copies `source` into `target` with its corner at (x, y). */
function paste(target: Image, source: Image, x: number, y: number): void {
  const width = 3 * source.width;
  for (let row = 0; row < source.height; row++) {
    const line = source.data.subarray(row * width, (row + 1) * width);
    target.data.set(line, 3 * ((y + row) * target.width + x));
  }
}

/** Every frame, or every n-th and the last when all would be too many. */
function thinned(frames: readonly Frame[], pixels: number): readonly Frame[] {
  const stride = Math.ceil(frames.length / Math.max(2, Math.floor(MAXIMUM_PIXELS / pixels)));
  return frames.filter((_, i) => i % stride === 0 || i === frames.length - 1);
}

/** Lays frames of one size out in a grid of at most 2048 pixels in width and 4 million in all. */
export function spriteSheet(frames: readonly Frame[]): SpriteSheet {
  const first = frames[0]?.image;
  if (!first) throw new JepilotError('bad-state', 'a sprite sheet needs at least one frame');
  const { width, height } = first;
  const odd = frames.find(({ image }) => image.width !== width || image.height !== height);
  if (odd) {
    const { image, step } = odd;
    throw new JepilotError(
      'shape-mismatch',
      `frame of step ${step} is ${image.width}×${image.height}; the first one is ${width}×${height}`,
    );
  }
  const shown = thinned(frames, width * height);
  const columns = Math.min(shown.length, Math.max(1, Math.floor(MAXIMUM_WIDTH / width)));
  const size = { width: columns * width, height: Math.ceil(shown.length / columns) * height };
  const image: Image = { ...size, data: new Uint8Array(3 * size.width * size.height) };
  shown.forEach((frame, i) => {
    paste(image, frame.image, (i % columns) * width, Math.floor(i / columns) * height);
  });
  return { image, columns, frameWidth: width, frameHeight: height, steps: shown.map((frame) => frame.step) };
}

import sharp, { type Sharp } from 'sharp';
import type { Image } from '../env/observation.ts';
import { JepilotError, reasonOf } from '../errors.ts';

/** Order of a raw picture's bytes. */
export type Channels = 'rgb' | 'bgr' | 'mono' | 'rgba' | 'bgra';

/** A picture as a camera sends it. */
export type EncodedPicture =
  | { readonly kind: 'compressed'; readonly order: 'rgb' | 'bgr'; readonly data: Uint8Array }
  | {
      readonly kind: 'raw';
      readonly width: number;
      readonly height: number;
      /** Bytes from one row to the next; drivers pad rows. */
      readonly step: number;
      readonly channels: Channels;
      readonly data: Uint8Array;
    };

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture becomes the model's. */
export interface PictureShape {
  /** Size that must arrive; any by default. */
  readonly source?: { readonly width: number; readonly height: number } | undefined;
  readonly crop?: Rectangle | undefined;
  readonly size: { readonly width: number; readonly height: number };
}

/** Larger ones are refused by their header, before memory is taken for them. */
const MOST_PIXELS = 4096 * 4096;

// One picture at a time on one thread beside the planner's; nothing is ever asked for twice.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes, cuts and resizes a picture to u8 RGB, off the caller's thread. Smaller pictures are averaged down, not
 * sampled. Throws `bad-file` for a damaged picture and `shape-mismatch` for one of another size. `place` names it.
 */
export async function decodePicture(
  picture: EncodedPicture,
  { source, crop, size }: PictureShape,
  place: string,
): Promise<Image> {
  try {
    const opened = open(picture, place);
    if (source || crop) await checkSize(opened, source, place);
    if (crop) opened.extract({ left: crop.x, top: crop.y, width: crop.width, height: crop.height });
    const { width, height } = size;
    const flat = opened.resize(width, height, { fit: 'fill' }).removeAlpha().toColourspace('srgb');
    const { data, info } = await flat.raw().toBuffer({ resolveWithObject: true });
    const swapped = picture.kind === 'compressed' ? picture.order === 'bgr' : /^bgr/.test(picture.channels);
    return { width, height, data: toRgb(data, info.channels, swapped) };
  } catch (cause) {
    if (cause instanceof JepilotError) throw cause;
    const [reason] = reasonOf(cause).split('\n');
    throw new JepilotError('bad-file', `${place} is damaged: ${reason ?? 'unreadable'}`, { cause });
  }
}

/** Size of a compressed picture, from its header. Throws `bad-file` for what is none. */
export async function pictureSize(
  data: Uint8Array,
  place: string,
): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await sharp(data, { limitInputPixels: MOST_PIXELS }).metadata();
    return { width, height };
  } catch (cause) {
    throw new JepilotError('bad-file', `${place} is no picture: ${reasonOf(cause)}`, { cause });
  }
}

function open(picture: EncodedPicture, place: string): Sharp {
  if (picture.kind === 'compressed')
    return sharp(picture.data, { failOn: 'warning', limitInputPixels: MOST_PIXELS, autoOrient: false });
  const { width, height, channels } = picture;
  if (width * height > MOST_PIXELS)
    throw new JepilotError('shape-mismatch', `${place} is ${width}x${height}`);
  const count = channels === 'mono' ? 1 : channels.length;
  return sharp(packed(picture, count, place), { raw: { width, height, channels: count as 1 | 3 | 4 } });
}

/** Rows without padding. */
function packed(
  { width, height, step, data }: EncodedPicture & { kind: 'raw' },
  channels: number,
  place: string,
): Uint8Array {
  const row = width * channels;
  // The last row need not be padded.
  if (step < row || data.length < step * (height - 1) + row) {
    const wanted = `${width}x${height} of ${channels} bytes with row step ${step}`;
    throw new JepilotError('shape-mismatch', `${place} has ${data.length} bytes; ${wanted} do not fit`);
  }
  if (step === row) return data.subarray(0, row * height);
  const bytes = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) bytes.set(data.subarray(y * step, y * step + row), y * row);
  return bytes;
}

async function checkSize(opened: Sharp, wanted: PictureShape['source'], place: string): Promise<void> {
  const { width, height } = await opened.metadata();
  if (!wanted || (width === wanted.width && height === wanted.height)) return;
  throw new JepilotError(
    'shape-mismatch',
    `${place} is ${width}x${height}; the profile says ${wanted.width}x${wanted.height}`,
  );
}

/** Grey becomes three equal channels; a copy, for the decoder's memory is its own. */
function toRgb(data: Uint8Array, channels: number, swapped: boolean): Uint8Array {
  if (channels === 3 && !swapped) return Uint8Array.from(data);
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += channels) {
    const [first, last] = channels === 1 ? [0, 0] : swapped ? [2, 0] : [0, 2];
    rgb[i] = data[from + first]!;
    rgb[i + 1] = data[from + (channels === 1 ? 0 : 1)]!;
    rgb[i + 2] = data[from + last]!;
  }
  return rgb;
}

/** A picture as JPEG, for robots that are simulated. */
export const encodeJpeg = ({ width, height, data }: Image, quality: number): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer();

import { convertIndexedToRgb, decode, encode, type DecodedPng } from 'fast-png';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Image } from '../env/observation.ts';

/** A picture as the bytes of a PNG file (8-bit RGB). */
export const encodePng = (image: Image): Uint8Array =>
  encode({ width: image.width, height: image.height, data: image.data, channels: 3, depth: 8 });

/** Bytes of a PNG file as a URI that a page can embed. */
export const pngUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

/** Width and height from the header, before anything is unpacked; null when this is no PNG. */
function headerSize(file: Uint8Array): { width: number; height: number } | null {
  const signature = [137, 80, 78, 71, 13, 10, 26, 10];
  if (file.length < 24 || signature.some((byte, i) => file[i] !== byte)) return null;
  const view = new DataView(file.buffer, file.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Samples of 8 bits, whatever the file had: palettes looked up, 1, 2 and 4 bits widened, 16 bits cut. */
function bytesOf(png: DecodedPng): { channels: number; data: Uint8Array } {
  if (png.palette) {
    const channels = png.palette[0]?.length ?? 3;
    return { channels, data: convertIndexedToRgb(png) };
  }
  if (png.depth < 8) {
    const top = 2 ** png.depth - 1;
    const palette = Array.from({ length: top + 1 }, (_, i) => [Math.round((i / top) * 255)]);
    return { channels: 1, data: convertIndexedToRgb({ ...png, palette }) };
  }
  const wide = png.depth === 16;
  return { channels: png.channels, data: Uint8Array.from(png.data, (v) => (wide ? v >> 8 : v)) };
}

/** RGB of a decoded picture: alpha is dropped, grey becomes three equal channels. */
function toImage(png: DecodedPng): Image {
  const { channels, data } = bytesOf(png);
  const pixels = png.width * png.height;
  const rgb = new Uint8Array(3 * pixels);
  const grey = channels < 3;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[i * channels + (grey ? 0 : c)]!;
  }
  return { width: png.width, height: png.height, data: rgb };
}

/**
 * Reads a PNG file into a picture of a known size: 1 to 16 bits, grey, RGB, palette, with or without alpha (dropped).
 * Throws JepilotError('bad-file') for what is no PNG, or a broken one, and JepilotError('shape-mismatch') for another
 * size. `place` names the file in messages.
 */
export function decodePng(file: Uint8Array, size: { width: number; height: number }, place: string): Image {
  const found = headerSize(file);
  if (!found) throw new JepilotError('bad-file', `${place} is no PNG file`);
  if (found.width !== size.width || found.height !== size.height) {
    throw new JepilotError(
      'shape-mismatch',
      `${place} is ${found.width}×${found.height}; the camera needs ${size.width}×${size.height}`,
    );
  }
  try {
    return toImage(decode(file, { checkCrc: true }));
  } catch (cause) {
    throw new JepilotError('bad-file', `${place} is a damaged PNG file: ${reasonOf(cause)}`, { cause });
  }
}

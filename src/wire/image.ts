import type { CameraSpec, Image } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import { NdArray } from './ndarray.ts';

const refuse = (place: string, camera: CameraSpec, array: NdArray): never => {
  const { name, width, height } = camera;
  throw new JepilotError(
    'shape-mismatch',
    `${place} is ${array.dtype} [${array.shape.join(', ')}]; camera '${name}' takes |u1 [${height}, ${width}, 3], [3, ${height}, ${width}], or some of them in a row`,
  );
};

/**
 * Pictures of an ndarray u8 [H, W, 3] or [3, H, W] (as ALOHA sends them), or of several of them, [T, …], oldest first.
 * `shape-mismatch` for another size than the camera's. Owns its memory.
 */
export function picturesOf(place: string, camera: CameraSpec, value: unknown): Image[] {
  const { width, height } = camera;
  if (!(value instanceof NdArray)) throw new JepilotError('bad-message', `${place} is no ndarray`);
  const { data, dtype, shape } = value;
  if (dtype !== '|u1' || !(data instanceof Uint8Array) || shape.length < 3 || shape.length > 4)
    return refuse(place, camera, value);
  const [a, b, c] = shape.slice(-3);
  const last = a === height && b === width && c === 3;
  const first = a === 3 && b === height && c === width;
  if (!last && !first) return refuse(place, camera, value);
  const size = 3 * width * height;
  return Array.from({ length: data.length / size }, (_, i) => {
    const picture = data.subarray(i * size, (i + 1) * size);
    return { width, height, data: last ? picture : channelsLast(picture, width * height) };
  });
}

function channelsLast(picture: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(picture.length);
  for (let i = 0; i < pixels; i++)
    for (let channel = 0; channel < 3; channel++) out[3 * i + channel] = picture[channel * pixels + i]!;
  return out;
}

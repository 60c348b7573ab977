import { JepilotError } from '../../errors.ts';
import type { CameraProfile } from '../profile/schema.ts';
import type { Channels, EncodedPicture } from '../picture.ts';
import { fieldAt } from './types.ts';

/** Bytes of a picture message, decoded, at most: 64 MiB is a raw picture of 4,700 × 4,700. */
const LARGEST = 1 << 26;

/** Bytes per pixel of the raw encodings that are understood. */
const encodings: Readonly<Record<string, Channels>> = {
  rgb8: 'rgb',
  bgr8: 'bgr',
  mono8: 'mono',
  rgba8: 'rgba',
  bgra8: 'bgra',
};

/**
 * The picture that a camera message carries, still encoded. Throws `invalid-value` or `shape-mismatch` that names the
 * topic: another encoding, rows that overlap, fewer bytes than rows, no base64.
 */
export function readPicture(camera: CameraProfile, message: unknown): EncodedPicture {
  const data = bytesOf(camera, fieldAt(message, 'data'));
  if (camera.type === 'sensor_msgs/CompressedImage') return compressed(camera, message, data);
  const [width, height, step] = ['width', 'height', 'step'].map((key) => count(camera, message, key));
  const encoding = fieldAt(message, 'encoding');
  const channels = typeof encoding === 'string' && Object.hasOwn(encodings, encoding) && encodings[encoding];
  if (!channels) refuse(camera, `encoding is ${show(encoding)}; known: ${Object.keys(encodings).join(', ')}`);
  return { kind: 'raw', width: width!, height: height!, step: step!, channels, data };
}

/** ROS writes formats as 'jpeg', 'png', 'rgb8; jpeg compressed bgr8': the bytes themselves say what they are. */
function compressed(camera: CameraProfile, message: unknown, data: Uint8Array): EncodedPicture {
  const jpeg = data[0] === 0xff && data[1] === 0xd8 && data[2] === 0xff;
  const png = data[0] === 0x89 && data[1] === 0x50 && data[2] === 0x4e && data[3] === 0x47;
  if (!jpeg && !png) refuse(camera, `is neither JPEG nor PNG (format ${show(fieldAt(message, 'format'))})`);
  return { kind: 'compressed', order: camera.order, data };
}

/** rosbridge writes `uint8[]` as base64; a server that was told otherwise as a list of numbers, which is refused. */
function bytesOf(camera: CameraProfile, data: unknown): Uint8Array {
  if (typeof data !== 'string') refuse(camera, `has no base64 data; got ${typeof data}`);
  if (data.length > (LARGEST / 3) * 4) refuse(camera, `has ${data.length} characters of data: too many`);
  // Node skips what is no base64, so a damaged picture would become another one.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0) refuse(camera, 'has no clean base64');
  return Buffer.from(data, 'base64');
}

function count(camera: CameraProfile, message: unknown, key: string): number {
  const value = fieldAt(message, key);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LARGEST) return value;
  return refuse(camera, `${key} is ${show(value)}`);
}

function refuse({ topic }: CameraProfile, what: string): never {
  throw new JepilotError('invalid-value', `picture on ${topic} ${what}`);
}

const show = (value: unknown): string =>
  (JSON.stringify(value) as string | undefined)?.slice(0, 60) ?? 'missing';

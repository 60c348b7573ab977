import type { Image } from '../../env/observation.ts';
import { toJson } from '../json-lines.ts';
import { compressPng } from './compress-png.ts';
import type { Bodies } from './bodies.ts';
import type { ChannelKind, Topic } from './channels.ts';

interface MessageOf<K extends ChannelKind> {
  readonly kind: K;
  readonly topic: Topic;
  /** Control step that it is about. */
  readonly step: number;
  /** Seconds since the recording's beginning when it became known here. */
  readonly time: number;
  /** The same by the source's own clock: the robot's, the run's. */
  readonly sourceTime: number;
}

/** A message with its content; a picture is compressed only when somebody wants the bytes. */
export type FeedMessage =
  | { readonly [K in Exclude<ChannelKind, 'image'>]: MessageOf<K> & { readonly body: Bodies[K] } }[Exclude<
      ChannelKind,
      'image'
    >]
  | (MessageOf<'image'> & { readonly camera: string; readonly image: Image });

/** Nanoseconds of the wall clock: the base of the recording and seconds after it. */
export const nanoseconds = (base: bigint, seconds: number): bigint =>
  base + BigInt(Math.round(seconds * 1e9));

/** Roughly the memory that a message takes while it waits. */
export const sizeOf = (message: FeedMessage): number =>
  message.kind === 'image' ? message.image.data.length : 512;

/**
 * The bytes of a message, as they stand in a recording and go to viewers.
 * @param base - nanoseconds of the wall clock at the beginning
 */
export async function payloadOf(message: FeedMessage, base: bigint): Promise<Uint8Array> {
  const at = nanoseconds(base, message.sourceTime);
  const timestamp = { sec: Number(at / 1_000_000_000n), nsec: Number(at % 1_000_000_000n) };
  const body = message.kind === 'image' ? await pictureOf(message) : message.body;
  return Buffer.from(toJson({ timestamp, step: message.step, ...body }));
}

async function pictureOf({ camera, image }: FeedMessage & { kind: 'image' }): Promise<Bodies['image']> {
  const png = await compressPng(image);
  return { frame_id: camera, format: 'png', data: png.toString('base64') };
}

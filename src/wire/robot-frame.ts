import { crc32 } from 'node:zlib';
import { JepilotError } from '../errors.ts';
import { decodeMessage, encodeMessage, type WireValue } from './msgpack.ts';
import { PROTOCOL_VERSION, RobotMessage } from './robot-messages.ts';

/** 'JPR', then the version. */
const MAGIC = [0x4a, 0x50, 0x52] as const;
/** Bytes before the message: magic, version, and the CRC-32 of the message, little-endian. */
const HEAD = 8;
/** What a message may hold: frames of a window with several cameras, and the numbers of a plan. */
const LIMITS = { depth: 8, values: 16_384 };

function refuse(message: string): never {
  throw new JepilotError('bad-message', message);
}

/** A message as a frame: `JPR`, version, CRC-32, MessagePack. A flipped bit never becomes an action. */
export function encodeFrame(message: RobotMessage): Uint8Array {
  const body = encodeMessage(message as unknown as WireValue);
  const frame = new Uint8Array(HEAD + body.length);
  frame.set([...MAGIC, PROTOCOL_VERSION]);
  new DataView(frame.buffer).setUint32(4, crc32(body), true);
  frame.set(body, HEAD);
  return frame;
}

/** The message of a frame; `bad-message` says what is wrong with any other bytes. Bounded in depth and number of values. */
export function decodeFrame(frame: Uint8Array): RobotMessage {
  if (frame.length < HEAD || MAGIC.some((byte, i) => frame[i] !== byte))
    refuse('no frame of the robot protocol');
  if (frame[3] !== PROTOCOL_VERSION)
    refuse(`protocol version ${frame[3] ?? 0}; this end speaks version ${PROTOCOL_VERSION}`);
  const body = frame.subarray(HEAD);
  const sum = new DataView(frame.buffer, frame.byteOffset).getUint32(4, true);
  if (crc32(body) !== sum) refuse('a damaged frame: its checksum does not match');
  return parseMessage(decodeMessage(body, LIMITS));
}

function parseMessage(value: unknown): RobotMessage {
  const parsed = RobotMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const kind =
    typeof value === 'object' && value !== null && 't' in value ? String(value.t).slice(0, 40) : 'none';
  const place = issue?.path.length ? `'${issue.path.join('.')}': ` : '';
  return refuse(`message '${kind}': ${place}${issue?.message ?? 'invalid'}`);
}

import { z } from 'zod';
import { JepilotError, reasonOf } from '../errors.ts';

const id = z.int().min(0).max(0xffff_ffff);
const names = z.array(z.string().max(200)).max(1000);
const requestId = z.string().max(200).optional();

const parameter = z.object({
  name: z.string().max(200),
  value: z.union([z.number(), z.string().max(10_000), z.boolean()]).optional(),
});

/** What viewers may ask, after the Foxglove WebSocket protocol, version 1. Keys that it may gain later are let be. */
const Request = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('subscribe'),
    subscriptions: z.array(z.object({ id, channelId: id })).max(1000),
  }),
  z.object({ op: z.literal('unsubscribe'), subscriptionIds: z.array(id).max(1000) }),
  z.object({ op: z.literal('getParameters'), parameterNames: names, id: requestId }),
  z.object({ op: z.literal('setParameters'), parameters: z.array(parameter).max(100), id: requestId }),
  z.object({ op: z.literal('subscribeParameterUpdates'), parameterNames: names }),
  z.object({ op: z.literal('unsubscribeParameterUpdates'), parameterNames: names }),
]);
export type FoxgloveRequest = z.infer<typeof Request>;
export type FoxgloveParameter = z.infer<typeof parameter>;

/** Reads a viewer's message. Throws JepilotError('bad-message') in a sentence that can be shown to it. */
export function parseFoxglove(text: string): FoxgloveRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new JepilotError('bad-message', `a viewer's message is no JSON: ${reasonOf(cause)}`, { cause });
  }
  const parsed = Request.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new JepilotError(
    'bad-message',
    `a viewer's message: ${place ? `'${place}': ` : ''}${issue?.message ?? ''}`,
  );
}

const MESSAGE_DATA = 1;
const HEADER = 13;

/** A message as a binary frame: opcode, subscription (u32), nanoseconds (u64), payload; little endian. */
export function dataFrame(subscription: number, logTime: bigint, payload: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(HEADER + payload.length);
  frame.writeUInt8(MESSAGE_DATA, 0);
  frame.writeUInt32LE(subscription, 1);
  frame.writeBigUInt64LE(logTime, 5);
  frame.set(payload, HEADER);
  return frame;
}

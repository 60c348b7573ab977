import { z } from 'zod';
import { reasonOf } from '../../errors.ts';

/** Bytes of one frame at most; a server's own default limit is 10 MB. */
export const LARGEST_FRAME = 16 << 20;

const name = z.string().max(1024);

/**
 * What a rosbridge v2 server sends. Not strict: the protocol is others', and servers add keys of their own.
 * Messages stay unknown until the profile says what they are.
 */
const ServerFrame = z.discriminatedUnion('op', [
  z.object({ op: z.literal('publish'), topic: name, msg: z.unknown() }),
  z.object({
    op: z.literal('service_response'),
    id: name.optional(),
    service: name.optional(),
    values: z.unknown().optional(),
    result: z.boolean(),
  }),
  z.object({ op: z.literal('status'), level: name.optional(), msg: z.unknown(), id: z.unknown().optional() }),
  z.object({
    op: z.literal('fragment'),
    id: name,
    data: z.string(),
    num: z.int().nonnegative(),
    total: z.int().min(1).max(4096),
  }),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
export type FragmentFrame = Extract<ServerFrame, { op: 'fragment' }>;

/** A frame that was understood, or why it was not. */
export type Read =
  | { readonly frame: ServerFrame }
  | { readonly refused: 'too-large' | 'no-json' | 'unknown'; readonly reason: string };

/** Never throws, whatever the text. */
export function readFrame(text: string): Read {
  if (text.length > LARGEST_FRAME)
    return { refused: 'too-large', reason: `${text.length} characters in one frame` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { refused: 'no-json', reason: reasonOf(cause).slice(0, 120) };
  }
  const parsed = ServerFrame.safeParse(json);
  if (parsed.success) return { frame: parsed.data };
  const [issue] = parsed.error.issues;
  return { refused: 'unknown', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
}

/**
 * A frame for the server. Throws on a number that is not finite: JSON has none, `null` would go out in its place, and
 * the server would drop the whole message in silence.
 */
export const writeFrame = (frame: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(frame, (key, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw new TypeError(`'${key}' is ${value}, which JSON cannot say`);
  });

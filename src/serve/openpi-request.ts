import { z } from 'zod';
import type { CameraSpec, Image } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { picturesOf } from '../wire/image.ts';
import type { WireMap, WireValue } from '../wire/msgpack.ts';
import { NdArray, tensorFrom } from '../wire/ndarray.ts';
import type { GoalRequest, SessionInfo } from './sessions.ts';

/** An observation as an openpi client sends it, understood. */
export interface OpenpiRequest {
  /** By camera, oldest first; the last one is the present. */
  readonly images: Readonly<Record<string, readonly Image[]>>;
  readonly state: Float32Array;
  /** Null where the message says nothing of a goal. */
  readonly goal: GoalRequest | null;
  /** Differs from one episode to the next, where a client keeps its connection. */
  readonly episode: string | number | null;
  readonly seed: number;
  /** Control step of the observation, where the client counts them. */
  readonly step: number | null;
  /** Raw actions [n, a] sent since the last request; or only how many of the last chunk. */
  readonly executed: Tensor | number | null;
  /** Raw actions [d, a] that will run whatever is planned. */
  readonly committed: Tensor | null;
  readonly iterations: number | null;
}

const count = z.int().min(0);

/** What a client may say beside pictures and state. Keys that are not named here belong to other policies. */
const Extras = z.object({
  episode: z.union([z.string().max(200), z.int()]).optional(),
  seed: z.int().optional(),
  step: count.optional(),
  iterations: z.int().positive().optional(),
  'goal/seed': count.optional(),
  'goal/track': z.string().max(100).optional(),
  'goal/variation': z.record(z.string(), z.number()).optional(),
  'goal/recording': z.string().max(500).optional(),
  'goal/step': count.optional(),
});
type Extras = z.infer<typeof Extras>;

function extrasOf(message: WireMap): Extras {
  const parsed = Extras.safeParse(message);
  if (parsed.success) return parsed.data;
  const { path, message: why } = parsed.error.issues[0]!;
  throw new JepilotError('bad-message', `observation key '${path.join('.')}': ${why}`);
}

const isMap = (value: WireValue | undefined): value is WireMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof NdArray) &&
  !(value instanceof Uint8Array);

/** The numbers under a key, of any dtype; throws where there are none, or where they are not finite. */
function numbers(message: WireMap, key: string): Tensor | null {
  const value = message[key];
  if (value === undefined || value === null) return null;
  if (!(value instanceof NdArray))
    throw new JepilotError('bad-message', `observation key '${key}' is no ndarray`);
  const tensor = tensorFrom(value);
  if (tensor.data.every(Number.isFinite)) return tensor;
  throw new JepilotError('invalid-value', `observation key '${key}' has values that are not finite`);
}

/** Rows [n, a] of raw actions. */
function rows(message: WireMap, key: string, dim: number): Tensor | null {
  const tensor = numbers(message, key);
  if (!tensor || (tensor.shape.length === 2 && tensor.shape[1] === dim)) return tensor;
  throw new JepilotError(
    'shape-mismatch',
    `observation key '${key}' is [${tensor.shape.join(', ')}]; it takes [n, ${dim}]`,
  );
}

/** Where a camera's picture may be: by the camera's name as LIBERO and DROID have it, or in `images` as ALOHA has it. */
function pictures(message: WireMap, camera: CameraSpec): Image[] {
  const { images } = message;
  const nested = isMap(images) ? images[camera.name] : undefined;
  const keys = [`observation/${camera.name}`, 'observation/image', 'image'];
  const key = keys.find((name) => message[name] !== undefined);
  if (nested !== undefined) return picturesOf(`images.${camera.name}`, camera, nested);
  if (key !== undefined) return picturesOf(`observation key '${key}'`, camera, message[key]);
  throw new JepilotError(
    'invalid-value',
    `the observation has no picture of camera '${camera.name}'; send it as ${keys.join(', ')} or images.${camera.name}`,
  );
}

function goalOf(message: WireMap, extras: Extras, { cameras }: SessionInfo): GoalRequest | null {
  const [camera] = cameras;
  const { 'goal/seed': seed, 'goal/track': track, 'goal/variation': variation } = extras;
  const { 'goal/recording': recording, 'goal/step': step } = extras;
  const drawn = { ...(variation && { variation }) };
  if (message['goal/image'] !== undefined && camera) {
    const [image] = picturesOf("observation key 'goal/image'", camera, message['goal/image']);
    if (!image) throw new JepilotError('invalid-value', "observation key 'goal/image' has no picture");
    const value = { step: 0, time: 0, images: { [camera.name]: image }, state: new Float32Array(0) };
    return { kind: 'observation', value };
  }
  const latent = numbers(message, 'goal/latent');
  if (latent) return { kind: 'latent', value: latent };
  const state = message['goal/state'];
  if (state instanceof NdArray)
    return { kind: 'state', value: Float64Array.from(state.data as ArrayLike<number>, Number), ...drawn };
  if (seed !== undefined) return { kind: 'episode', seed, ...drawn, ...(track !== undefined && { track }) };
  return recording === undefined ? null : { kind: 'frame', recording, step: step ?? 0 };
}

/** `bad-message`, `shape-mismatch` or `invalid-value` for what a session can't use; the message says which key and why. */
export function openpiRequest(message: WireValue, info: SessionInfo): OpenpiRequest {
  if (!isMap(message)) throw new JepilotError('bad-message', 'an observation is a map of keys to values');
  const extras = extrasOf(message);
  const { dim } = info.actionSpec;
  const state = numbers(message, 'observation/state') ?? numbers(message, 'state');
  const { executed } = message;
  return {
    images: Object.fromEntries(info.cameras.map((camera) => [camera.name, pictures(message, camera)])),
    state: state?.data ?? new Float32Array(info.stateNames.length),
    goal: goalOf(message, extras, info),
    episode: extras.episode ?? null,
    seed: extras.seed ?? extras['goal/seed'] ?? 0,
    step: extras.step ?? null,
    executed: typeof executed === 'number' ? executed : rows(message, 'executed', dim),
    committed: rows(message, 'committed', dim),
    iterations: extras.iterations ?? null,
  };
}

/** RoboArena's key: `reset` begins an episode; left out, or `infer`, it is an observation. */
export function endpointOf(message: WireValue): 'infer' | 'reset' {
  const endpoint = isMap(message) ? message['endpoint'] : undefined;
  if (endpoint === undefined || endpoint === 'infer' || endpoint === 'reset') return endpoint ?? 'infer';
  throw new JepilotError(
    'bad-message',
    `endpoint is ${typeof endpoint === 'string' ? endpoint.slice(0, 40) : typeof endpoint}; it takes infer or reset`,
  );
}

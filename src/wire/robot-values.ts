/** What the messages of the robot protocol are made of. */
import { z } from 'zod';
import { holdReasons } from '../control/tick.ts';
import { clampKinds } from '../safety/motion.ts';
import { NdArray } from './ndarray.ts';

const MAXIMUM_DIM = 128;
export const finite = z.number();
export const step = z.int().min(0);
export const count = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
export const name = z.string().min(1).max(128);
export const text = z.string().max(2000);
export const numbers = z.array(finite).min(1).max(MAXIMUM_DIM);
/** What every message has: its number among those of its sender in this connection, from 0. */
export const head = { seq: count };

/** float32 rows [n, dim]. */
export const rows = z
  .instanceof(NdArray)
  .refine(({ dtype, shape }) => dtype === '<f4' && shape.length === 2, {
    message: 'expected float32 rows [n, dim]',
  });
/** float32 values [n]. */
export const vector = z
  .instanceof(NdArray)
  .refine(({ dtype, shape }) => dtype === '<f4' && shape.length === 1, {
    message: 'expected float32 values [n]',
  });
/** u8 [height, width, 3]. */
const image = z
  .instanceof(NdArray)
  .refine(({ dtype, shape: [h = 0, w = 0, c] }) => dtype === '|u1' && h > 0 && w > 0 && c === 3, {
    message: 'expected a u8 picture [height, width, 3]',
  });

const images = z.record(name, image);
export const frame = z.strictObject({ step, time: finite, state: vector, images });

export const action = z.strictObject({
  dim: z.int().min(1).max(MAXIMUM_DIM),
  minimum: numbers,
  maximum: numbers,
  names: z.array(name).max(MAXIMUM_DIM),
  mode: z.enum(['position', 'velocity', 'effort', 'delta']),
});

export const goal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('observation'), frame }),
  z.strictObject({ kind: z.literal('latent'), value: vector }),
  z.strictObject({
    kind: z.literal('state'),
    value: z.instanceof(NdArray),
    variation: z.record(name, finite),
  }),
  z.strictObject({
    kind: z.literal('episode'),
    seed: z.int().min(0),
    track: name.nullable(),
    variation: z.record(name, finite),
  }),
  z.strictObject({ kind: z.literal('frame'), recording: text.min(1), step }),
]);

/** One control step that the robot executed; `time` in seconds since its episode began. */
export const executedTick = z.strictObject({
  step,
  time: finite,
  planned: vector.nullable(),
  sent: vector,
  source: z.enum(['plan', 'tail', 'hold']),
  reason: z.enum(holdReasons).nullable(),
  planId: z.int().nullable(),
  age: z.int().nullable(),
  clamps: z.array(z.enum(clampKinds)).max(clampKinds.length),
});

export type WireGoal = z.infer<typeof goal>;
export type WireFrame = z.infer<typeof frame>;

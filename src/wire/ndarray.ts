import { JepilotError } from '../errors.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

/** The element types that cross a wire, by NumPy's `dtype.str`, and the array that holds them. Little-endian only. */
const elements = {
  '|u1': Uint8Array,
  '|b1': Uint8Array,
  '|i1': Int8Array,
  '<u2': Uint16Array,
  '<i2': Int16Array,
  '<u4': Uint32Array,
  '<i4': Int32Array,
  '<u8': BigUint64Array,
  '<i8': BigInt64Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;

export type Dtype = keyof typeof elements;
export type NumericArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Dimensions that an array may have. */
const MAXIMUM_RANK = 8;

/** A NumPy array as it crosses a wire: row-major (C order). Owns its memory. */
export class NdArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: NumericArray;

  /** Wraps `data` (no copy); `bad-message` unless it fills the shape. */
  constructor(dtype: Dtype, shape: readonly number[], data: NumericArray) {
    const size = sizeOf(shape);
    if (data.length !== size) {
      throw new JepilotError(
        'bad-message',
        `an ndarray of shape [${shape.join(', ')}] needs ${size} values; got ${data.length}`,
      );
    }
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}

const refuse = (message: string): never => {
  throw new JepilotError('bad-message', message);
};

const isDtype = (value: unknown): value is Dtype =>
  typeof value === 'string' && Object.hasOwn(elements, value);

const isExtent = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;

/** The array that the four keys of an ndarray marker describe; copies the bytes. `bad-message` where they disagree. */
export function ndarrayOf(dtype: unknown, shape: unknown, bytes: unknown): NdArray {
  if (!isDtype(dtype))
    return refuse(
      `an ndarray has dtype ${typeof dtype === 'string' ? dtype.slice(0, 40) : typeof dtype}; known: ${Object.keys(elements).join(' ')}`,
    );
  if (!Array.isArray(shape) || shape.length > MAXIMUM_RANK || !shape.every(isExtent))
    return refuse(`an ndarray's shape is no list of at most ${MAXIMUM_RANK} whole numbers`);
  if (!(bytes instanceof Uint8Array)) return refuse("an ndarray's data is not binary");
  const { BYTES_PER_ELEMENT: width } = elements[dtype];
  const size = sizeOf(shape);
  // A product past 2^53 is inexact, but then it can't equal the length of a buffer either.
  if (size * width !== bytes.length)
    return refuse(
      `an ndarray of shape [${shape.join(', ')}] and dtype ${dtype} needs ${size * width} bytes; got ${bytes.length}`,
    );
  // Not `slice`, which is a view where the bytes are a Buffer.
  const owned = Uint8Array.from(bytes);
  return new NdArray(dtype, shape, new elements[dtype](owned.buffer, owned.byteOffset, size));
}

/** The bytes of an array, without a copy. */
export const bytesOf = ({ data }: NdArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export const ndarrayFrom = ({ shape, data }: Tensor): NdArray => new NdArray('<f4', shape, data);

/** The values as float32 [shape], whatever type they came in. */
export const tensorFrom = ({ shape, data }: NdArray): Tensor => ({
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number),
});

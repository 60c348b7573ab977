import type { NdArray } from './ndarray.ts';

export { decodeMessage, type DecodeLimits } from './msgpack-decode.ts';
export { encodeMessage } from './msgpack-encode.ts';

/** What a MessagePack message holds here. Maps have string keys and no prototype. */
export type WireValue =
  null | boolean | number | bigint | string | Uint8Array | NdArray | readonly WireValue[] | WireMap;

export interface WireMap {
  readonly [key: string]: WireValue;
}

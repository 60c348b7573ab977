import { JepilotError } from '../errors.ts';
import type { WireValue } from './msgpack.ts';
import { bytesOf, NdArray } from './ndarray.ts';

/** Deeper than any message that is meant: an object that holds itself ends here. */
const MAXIMUM_DEPTH = 64;

/** Grows as it is written to. */
class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  result(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  value(value: WireValue, depth: number): void {
    if (depth > MAXIMUM_DEPTH)
      throw new JepilotError('invalid-value', `a message is nested more than ${MAXIMUM_DEPTH} levels deep`);
    if (value === null) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (value instanceof NdArray) this.#ndarray(value);
    else if (Array.isArray(value)) this.#array(value as readonly WireValue[], depth);
    else this.#map(Object.entries(value), depth);
  }

  #room(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A head and a length or value behind it, big-endian. */
  #headed(head: number, width: 1 | 2 | 4, value: number): void {
    const at = this.#room(1 + width);
    this.#bytes[at] = head;
    if (width === 1) this.#view.setUint8(at + 1, value);
    else if (width === 2) this.#view.setUint16(at + 1, value);
    else this.#view.setUint32(at + 1, value);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  #float(value: number): void {
    const at = this.#room(9);
    this.#bytes[at] = 0xcb;
    this.#view.setFloat64(at + 1, value);
  }

  #unsigned(value: number): void {
    if (value < 0x80) this.#byte(value);
    else if (value < 0x100) this.#headed(0xcc, 1, value);
    else if (value < 0x10000) this.#headed(0xcd, 2, value);
    else if (value < 0x100000000) this.#headed(0xce, 4, value);
    else this.#bigint(BigInt(value));
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#byte(value & 0xff);
    else if (value >= -0x80) this.#headed(0xd0, 1, value & 0xff);
    else if (value >= -0x8000) this.#headed(0xd1, 2, value & 0xffff);
    else if (value >= -0x80000000) this.#headed(0xd2, 4, value >>> 0);
    else this.#bigint(BigInt(value));
  }

  #bigint(value: bigint): void {
    const at = this.#room(9);
    this.#bytes[at] = value < 0n ? 0xd3 : 0xcf;
    if (value < 0n) this.#view.setBigInt64(at + 1, value);
    else this.#view.setBigUint64(at + 1, value);
  }

  #text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const { length } = bytes;
    if (length < 0x20) this.#byte(0xa0 | length);
    else if (length < 0x100) this.#headed(0xd9, 1, length);
    else if (length < 0x10000) this.#headed(0xda, 2, length);
    else this.#headed(0xdb, 4, length);
    this.#raw(bytes);
  }

  #binary(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length < 0x100) this.#headed(0xc4, 1, length);
    else if (length < 0x10000) this.#headed(0xc5, 2, length);
    else this.#headed(0xc6, 4, length);
    this.#raw(bytes);
  }

  #array(values: readonly WireValue[], depth: number): void {
    this.#arrayHead(values.length);
    for (const value of values) this.value(value, depth + 1);
  }

  #arrayHead(length: number): void {
    if (length < 0x10) this.#byte(0x90 | length);
    else if (length < 0x10000) this.#headed(0xdc, 2, length);
    else this.#headed(0xdd, 4, length);
  }

  #map(entries: readonly (readonly [string, WireValue | undefined])[], depth: number): void {
    const present = entries.filter((entry): entry is [string, WireValue] => entry[1] !== undefined);
    const { length } = present;
    if (length < 0x10) this.#byte(0x80 | length);
    else if (length < 0x10000) this.#headed(0xde, 2, length);
    else this.#headed(0xdf, 4, length);
    for (const [key, value] of present) {
      this.#text(key);
      this.value(value, depth + 1);
    }
  }

  /** openpi-client's `msgpack_numpy`: the marker's keys are binary, and a client that finds text there sees a plain map. */
  #ndarray(array: NdArray): void {
    this.#byte(0x84);
    this.#binary(marker.ndarray);
    this.#byte(0xc3);
    this.#binary(marker.data);
    this.#binary(bytesOf(array));
    this.#binary(marker.dtype);
    this.#text(array.dtype);
    this.#binary(marker.shape);
    this.#arrayHead(array.shape.length);
    for (const extent of array.shape) this.#unsigned(extent);
  }
}

const marker = {
  ndarray: Buffer.from('__ndarray__'),
  data: Buffer.from('data'),
  dtype: Buffer.from('dtype'),
  shape: Buffer.from('shape'),
};

/** Encodes one MessagePack message; ndarrays as openpi-client's `msgpack_numpy` writes them. Keys that are undefined are left out. */
export function encodeMessage(value: WireValue): Uint8Array {
  const writer = new Writer(256);
  writer.value(value, 0);
  return writer.result();
}

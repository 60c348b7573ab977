import { JepilotError } from '../errors.ts';
import type { WireMap, WireValue } from './msgpack.ts';
import { ndarrayOf } from './ndarray.ts';

/** What a message may cost its reader. */
export interface DecodeLimits {
  /** Levels of arrays and maps within each other. */
  readonly depth: number;
  /** Values altogether, keys included; the elements of an ndarray count as one. */
  readonly values: number;
}

const defaults: DecodeLimits = { depth: 16, values: 65_536 };

const strict = new TextDecoder('utf-8', { fatal: true });

function refuse(what: string, at: number): never {
  throw new JepilotError('bad-message', `${what} at byte ${at} of a MessagePack message`);
}

/** Reads one message from front to back; every read checks what is left first. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: DecodeLimits;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  message(): WireValue {
    const value = this.#value(0);
    if (this.#at < this.#bytes.length) refuse('more bytes than a message', this.#at);
    return value;
  }

  /** Where the next `count` bytes begin, once they are known to be there. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start)
      refuse(`${count} bytes wanted, ${this.#bytes.length - start} left`, start);
    this.#at = start + count;
    return start;
  }

  #value(depth: number): WireValue {
    if (++this.#values > this.#limits.values) refuse(`more than ${this.#limits.values} values`, this.#at);
    const start = this.#take(1);
    const head = this.#bytes[start]!;
    if (head < 0x80) return head;
    if (head < 0x90) return this.#map(head & 0x0f, depth);
    if (head < 0xa0) return this.#array(head & 0x0f, depth);
    if (head < 0xc0) return this.#text(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    return this.#headed(head, start, depth);
  }

  #headed(head: number, start: number, depth: number): WireValue {
    const view = this.#view;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#length(1));
      case 0xc5:
        return this.#binary(this.#length(2));
      case 0xc6:
        return this.#binary(this.#length(4));
      case 0xca:
        return view.getFloat32(this.#take(4));
      case 0xcb:
        return view.getFloat64(this.#take(8));
      case 0xcc:
        return view.getUint8(this.#take(1));
      case 0xcd:
        return view.getUint16(this.#take(2));
      case 0xce:
        return view.getUint32(this.#take(4));
      case 0xcf:
        return narrow(view.getBigUint64(this.#take(8)));
      case 0xd0:
        return view.getInt8(this.#take(1));
      case 0xd1:
        return view.getInt16(this.#take(2));
      case 0xd2:
        return view.getInt32(this.#take(4));
      case 0xd3:
        return narrow(view.getBigInt64(this.#take(8)));
      case 0xd9:
        return this.#text(this.#length(1));
      case 0xda:
        return this.#text(this.#length(2));
      case 0xdb:
        return this.#text(this.#length(4));
      case 0xdc:
        return this.#array(this.#length(2), depth);
      case 0xdd:
        return this.#array(this.#length(4), depth);
      case 0xde:
        return this.#map(this.#length(2), depth);
      case 0xdf:
        return this.#map(this.#length(4), depth);
      default:
        return refuse(`type 0x${head.toString(16)}, which is not taken here,`, start);
    }
  }

  #length(width: 1 | 2 | 4): number {
    const at = this.#take(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #text(length: number): string {
    const start = this.#at;
    try {
      return strict.decode(this.#binary(length));
    } catch (error) {
      if (error instanceof JepilotError) throw error;
      return refuse('text that is no UTF-8', start);
    }
  }

  #nested(count: number, width: number, depth: number): void {
    if (depth >= this.#limits.depth) refuse(`more than ${this.#limits.depth} levels`, this.#at);
    // Each element takes a byte at least, so that a length alone can't make anybody allocate.
    if (count * width > this.#bytes.length - this.#at) refuse(`${count} elements announced`, this.#at);
  }

  #array(count: number, depth: number): WireValue[] {
    this.#nested(count, 1, depth);
    const values: WireValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.#value(depth + 1));
    return values;
  }

  #map(count: number, depth: number): WireValue {
    this.#nested(count, 2, depth);
    const start = this.#at;
    const map = Object.create(null) as Record<string, WireValue>;
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      if (key in map) refuse(`key '${key}' for the second time`, start);
      map[key] = this.#value(depth + 1);
    }
    return unmarked(map);
  }

  /** NumPy's markers have binary keys; both kinds are taken. */
  #key(): string {
    const start = this.#at;
    const key = this.#value(this.#limits.depth);
    const name = key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : key;
    if (typeof name !== 'string') return refuse('a map key that is no text', start);
    if (name === '__proto__') return refuse("the key '__proto__', which is not taken here,", start);
    return name;
  }
}

const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** An ndarray or a NumPy scalar for the map that marks one (openpi-client's `msgpack_numpy`); any other map as it is. */
function unmarked(map: WireMap): WireValue {
  if (map['__ndarray__'] === true) return ndarrayOf(map['dtype'], map['shape'], map['data']);
  if (map['__npgeneric__'] === true) return map['data'] ?? null;
  return map;
}

/**
 * Decodes one MessagePack message with NumPy markers. Never trusts a length: depth, number of values and sizes are
 * bounded, extension types, keys that are no text and trailing bytes refused; every refusal is `bad-message`.
 * Binary values are views of `bytes`, ndarrays own their memory.
 */
export const decodeMessage = (bytes: Uint8Array, limits: DecodeLimits = defaults): WireValue =>
  new Reader(bytes, limits).message();

import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, type WireValue } from '#src/wire/msgpack.js';
import { NdArray, ndarrayFrom, tensorFrom } from '#src/wire/ndarray.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** What openpi-client's packer writes for `np.float32([1, 2])` and `np.float32(1.5)`. */
const ARRAY = bytes(
  '84 c40b5f5f6e6461727261795f5f c3 c40464617461 c4080000803f00000040 c4056474797065 a33c6634 c4057368617065 91 02',
);
const SCALAR = bytes(
  '83 c40d5f5f6e7067656e657269635f5f c3 c40464617461 cb3ff8000000000000 c4056474797065 a33c6634',
);

describe('NumPy in MessagePack', () => {
  it('writes an array byte for byte as openpi-client does', () => {
    const array = ndarrayFrom({ shape: [2], data: Float32Array.of(1, 2) });
    expect(hex(encodeMessage(array))).toBe(hex(ARRAY));
  });

  it('reads what openpi-client writes: arrays, and scalars as their value', () => {
    expect(decodeMessage(ARRAY)).toEqual(new NdArray('<f4', [2], Float32Array.of(1, 2)));
    expect(decodeMessage(SCALAR)).toBe(1.5);
  });

  it('reads markers whose keys are text', () => {
    const text = encode({ __ndarray__: true, data: Uint8Array.of(7, 8), dtype: '|u1', shape: [2, 1] });
    expect(decodeMessage(text)).toEqual(new NdArray('|u1', [2, 1], Uint8Array.of(7, 8)));
  });

  it('owns the memory of an array, so that a reused frame cannot change it', () => {
    const frame = ARRAY.slice();
    const array = decodeMessage(frame) as NdArray;
    frame.fill(0);
    expect([...array.data]).toEqual([1, 2]);
  });

  it('reads a frame that arrives as a Buffer at an odd address, and still owns the memory', () => {
    const frame = Buffer.concat([Buffer.of(0), ARRAY]).subarray(1);
    const array = decodeMessage(frame) as NdArray;
    frame.fill(0);
    expect([...array.data]).toEqual([1, 2]);
  });

  it('turns any element type into float32', () => {
    const wide = new NdArray('<i8', [2], BigInt64Array.of(3n, -4n));
    expect(tensorFrom(decodeMessage(encodeMessage(wide)) as NdArray).data).toEqual(Float32Array.of(3, -4));
  });
});

describe('MessagePack', () => {
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((x) => !Object.is(x, -0)),
    fc.string(),
    fc.uint8Array({ maxLength: 300 }),
  );
  const key = fc.string().filter((name) => name !== '__proto__');
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('any'), { maxLength: 20 }),
      fc.dictionary(key, tie('any'), { noNullPrototype: true }),
    ),
  })).any;

  it('agrees with an independent implementation, both ways', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(decode(encodeMessage(given as WireValue))).toEqual(given);
        expect(JSON.stringify(decodeMessage(encode(given)))).toEqual(JSON.stringify(given));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps 64-bit integers exact', () => {
    for (const n of [2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n])
      expect(decodeMessage(encodeMessage(n))).toBe(n);
    expect(decodeMessage(encodeMessage(2 ** 40))).toBe(2 ** 40);
    expect(decodeMessage(encodeMessage(-(2 ** 40)))).toBe(-(2 ** 40));
  });
});

describe('a hostile message', () => {
  const refused: Record<string, [string, RegExp]> = {
    nothing: ['', /1 bytes wanted, 0 left/],
    'a length without its bytes': ['c6ffffffff00', /4294967295 bytes wanted/],
    'an array of 4 G elements': ['ddffffffff', /4294967295 elements announced/],
    'a map of 4 G elements': ['dfffffffff', /4294967295 elements announced/],
    'a nest of arrays': ['91'.repeat(100_000), /more than 16 levels/],
    'an extension type': ['d40000', /type 0xd4/],
    'an integer as key': ['810101', /map key that is no text/],
    'a map as key': ['818001', /map key that is no text|more than 16 levels/],
    'a key twice': ['82a16101a16102', /second time/],
    'a prototype': ['81a95f5f70726f746f5f5f80', /__proto__/],
    'a prototype by its bytes': ['81c4095f5f70726f746f5f5f80', /__proto__/],
    'text that is no UTF-8': ['a1ff', /no UTF-8/],
    'two messages': ['0102', /more bytes than a message/],
  };
  for (const [name, [frame, message]] of Object.entries(refused)) {
    it(`is refused: ${name}`, () => {
      expect(() => decodeMessage(bytes(frame))).toThrow(
        expect.objectContaining({ code: 'bad-message', message: expect.stringMatching(message) as string }),
      );
    });
  }

  const marked = (dtype: unknown, shape: unknown, data: unknown): Uint8Array =>
    encode({ __ndarray__: true, dtype, shape, data });
  const arrays: Record<string, Uint8Array> = {
    'more values than bytes': marked('<f4', [3], new Uint8Array(8)),
    'a negative extent': marked('<f4', [-2], new Uint8Array(8)),
    'extents whose product overflows': marked('|u1', [2 ** 53 - 1, 2 ** 53 - 1], new Uint8Array(1)),
    'a fraction as extent': marked('|u1', [1.5], new Uint8Array(1)),
    'too many dimensions': marked('|u1', Array(9).fill(1), new Uint8Array(1)),
    'big-endian values': marked('>f4', [2], new Uint8Array(8)),
    'an object dtype': marked('|O', [2], new Uint8Array(16)),
    'a dtype that is a 64-bit integer': encodeMessage({
      __ndarray__: true,
      dtype: 2n ** 60n,
      shape: [1],
      data: new Uint8Array(1),
    }),
    'a dtype of a prototype': marked('toString', [1], new Uint8Array(1)),
    'data that are text': marked('|u1', [1], 'a'),
    'no shape': encode({ __ndarray__: true, dtype: '|u1', data: new Uint8Array(1) }),
  };
  for (const [name, frame] of Object.entries(arrays)) {
    it(`is refused: an ndarray with ${name}`, () => {
      expect(() => decodeMessage(frame)).toThrow(expect.objectContaining({ code: 'bad-message' }));
    });
  }

  it('costs no more values than allowed', () => {
    const many = encode(Array(1000).fill(0));
    expect(() => decodeMessage(many, { depth: 4, values: 1000 })).toThrow(/more than 1000 values/);
    expect(decodeMessage(many, { depth: 4, values: 1001 })).toHaveLength(1000);
  });
});

import type { Rng } from '../../src/rng.ts';

/** Bytes with a few of them changed, cut, doubled, or swapped for ones that parsers trip over. */
export function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let out = Buffer.from(bytes);
  const at = (): number => Math.floor(rng.uniform(0, out.length));
  const times = 1 + Math.floor(rng.uniform(0, 6));
  for (let i = 0; i < times && out.length > 0; i++) {
    switch (Math.floor(rng.uniform(0, 5))) {
      case 0:
        out[at()] = Math.floor(rng.uniform(0, 256));
        break;
      case 1:
        out[at()]! ^= 1 << Math.floor(rng.uniform(0, 8));
        break;
      case 2:
        out = out.subarray(0, at());
        break;
      case 3: {
        const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
        out = Buffer.concat([out.subarray(0, to), out.subarray(from)]).subarray(0, 4 * bytes.length);
        break;
      }
      default: {
        const odd = [
          '"',
          '{',
          '}',
          '[',
          '-1',
          '1e999',
          'null',
          'NaN',
          '\\u0000',
          '__proto__',
          '9007199254740993',
        ];
        const text = Buffer.from(odd[Math.floor(rng.uniform(0, odd.length))]!);
        const position = at();
        out = Buffer.concat([out.subarray(0, position), text, out.subarray(position)]);
      }
    }
  }
  return out;
}

const oddValues = [null, -1, 0, 1e308, 2 ** 53, 0.5, '', 'AAAA', 'NaN', [], {}, [[]], true, ['x', null]];

/** JSON that still is JSON, with one of its values swapped for an odd one, left out, or said twice. */
export function mutateJson(value: unknown, rng: Rng): unknown {
  const odd = () => oddValues[Math.floor(rng.uniform(0, oddValues.length))];
  if (typeof value !== 'object' || value === null) return odd();
  const keys = Object.keys(value);
  const key = keys[Math.floor(rng.uniform(0, keys.length))];
  if (key === undefined || rng.uniform(0, 1) < 0.1) return odd();
  const old = (value as Record<string, unknown>)[key];
  const changed = rng.uniform(0, 1) < 0.1 ? undefined : mutateJson(old, rng);
  if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === key ? changed : item));
  return { ...value, [key]: changed };
}

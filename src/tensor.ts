import { JepilotError } from './errors.ts';

/** A dense row-major float32 array. `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Wraps `data` (no copy) after checking that it fills `shape`. */
export function tensor(shape: readonly number[], data: Float32Array): Tensor {
  if (sizeOf(shape) !== data.length) {
    throw new JepilotError(
      'shape-mismatch',
      `tensor of shape [${shape.join(', ')}] needs ${sizeOf(shape)} values; got ${data.length}`,
    );
  }
  return { shape, data };
}

export const zeros = (shape: readonly number[]): Tensor => ({
  shape,
  data: new Float32Array(sizeOf(shape)),
});

/** The extent of one axis; a missing axis is a programming error and throws. */
export function extent(t: Tensor, axis: number): number {
  const n = t.shape[axis];
  if (n === undefined) {
    throw new JepilotError('shape-mismatch', `tensor [${t.shape.join(', ')}] has no axis ${axis}`);
  }
  return n;
}

/** Rows `from` to `to` (exclusive) along the first axis, as a copy. */
export function slice(t: Tensor, from: number, to: number): Tensor {
  const stride = t.data.length / Math.max(1, extent(t, 0));
  return { shape: [to - from, ...t.shape.slice(1)], data: t.data.slice(from * stride, to * stride) };
}

/** Stacks tensors of equal trailing shape along the first axis. */
export function concat(parts: readonly Tensor[]): Tensor {
  const first = parts[0];
  if (!first) throw new JepilotError('shape-mismatch', 'concat needs at least one tensor');
  const rows = parts.reduce((n, p) => n + extent(p, 0), 0);
  const data = new Float32Array(parts.reduce((n, p) => n + p.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return tensor([rows, ...first.shape.slice(1)], data);
}

export const reshape = (t: Tensor, shape: readonly number[]): Tensor => tensor(shape, t.data);

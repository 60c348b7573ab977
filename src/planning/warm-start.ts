import { clampAction, holdAction, type ActionSpec } from '../spec.ts';
import { extent, tensor, zeros, type Tensor } from '../tensor.ts';
import type { PlannerStart } from './planner.ts';

/** The action [a] that keeps still within the bounds; a position robot that has no last row yet, the middle. */
function still(spec: ActionSpec, last: Float32Array | null): Float32Array {
  if (spec.mode === 'position' && !last) {
    return Float32Array.from(spec.minimum, (low, i) => (low + spec.maximum[i]!) / 2);
  }
  return clampAction(spec, holdAction(spec, last)).action;
}

const lastRow = (rows: Tensor): Float32Array | null => {
  const dim = extent(rows, 1);
  return extent(rows, 0) > 0 ? rows.data.slice(-dim) : null;
};

/** A plan [count, a] that keeps still: zero, or the last of the rows [n, a] that ran for a position robot. */
export function stillRows(spec: ActionSpec, count: number, ran: Tensor): Tensor {
  const row = still(spec, lastRow(ran));
  const rows = zeros([count, spec.dim]);
  for (let i = 0; i < count; i++) rows.data.set(row, i * spec.dim);
  return rows;
}

/**
 * The receding horizon's warm start: a plan [R, a] moved `elapsed` control steps on. The rows that enter at the end
 * keep still: zero for velocities, efforts and deltas, the last row for positions.
 */
export function shiftRows(spec: ActionSpec, rows: Tensor, elapsed: number): Tensor {
  const data = stillRows(spec, extent(rows, 0), rows).data;
  data.set(rows.data.subarray(Math.min(elapsed * spec.dim, rows.data.length)));
  return tensor(rows.shape, data);
}

/** The last search: its rows [R, a] began at control step `step`. */
export interface LastSearch {
  readonly step: number;
  readonly rows: Tensor;
  readonly state: unknown;
}

/** Where a search of `count` rows starts: the last plan shifted, with keeping still beside it; or that alone. */
export function warmStart(
  spec: ActionSpec,
  count: number,
  last: LastSearch | null,
  step: number,
  executed: Tensor,
): PlannerStart<unknown> {
  const rest = stillRows(spec, count, executed);
  if (!last || step < last.step) return { mean: rest, elapsed: 0 };
  const elapsed = step - last.step;
  const proposals = tensor([1, ...rest.shape], rest.data);
  return { mean: shiftRows(spec, last.rows, elapsed), proposals, previous: last.state, elapsed };
}

import { describe, expect, it } from 'vitest';
import { shiftRows, stillRows } from '#src/planning/warm-start.js';
import type { ActionMode, ActionSpec } from '#src/spec.js';
import { tensor, zeros } from '#src/tensor.js';

const specOf = (mode: ActionMode, low = -1): ActionSpec => ({
  dim: 2,
  minimum: [low, low],
  maximum: [9, 9],
  names: ['a', 'b'],
  mode,
});
const rows = tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));

describe('warm start', () => {
  it('moves a plan on and ends it standing still', () => {
    expect([...shiftRows(specOf('velocity'), rows, 1).data]).toEqual([3, 4, 5, 6, 0, 0]);
    expect([...shiftRows(specOf('effort'), rows, 0).data]).toEqual([...rows.data]);
    expect([...shiftRows(specOf('delta'), rows, 5).data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('repeats the last row for a position robot', () => {
    expect([...shiftRows(specOf('position'), rows, 2).data]).toEqual([5, 6, 5, 6, 5, 6]);
    expect([...stillRows(specOf('position'), 2, rows).data]).toEqual([5, 6, 5, 6]);
  });

  it('starts a position robot that has not moved in the middle', () => {
    expect([...stillRows(specOf('position'), 1, zeros([0, 2])).data]).toEqual([4, 4]);
  });

  it('stays within bounds that leave zero out', () => {
    expect([...stillRows(specOf('velocity', 0.5), 1, rows).data]).toEqual([0.5, 0.5]);
  });
});

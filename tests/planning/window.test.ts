import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standingWindow, windowLength, windowOf } from '#src/planning/window.js';
import { seen } from '../fakes/linear-world-model.js';

const steps = (count: number, from = 0) => Array.from({ length: count }, (_, i) => seen(from + i, from + i));
const stepsOf = (window: readonly { step: number }[]) => window.map((o) => o.step);

describe('window of the encoder', () => {
  it('takes frames a stride apart, ending with the present', () => {
    const history = { frames: 3, stride: 2 };
    expect(windowLength(history)).toBe(5);
    expect(stepsOf(windowOf(steps(9), history))).toEqual([4, 6, 8]);
    expect(windowLength({ frames: 1, stride: 7 })).toBe(1);
  });

  it('repeats the oldest frame while the episode is young', () => {
    const history = { frames: 3, stride: 2 };
    expect(stepsOf(windowOf(steps(1), history))).toEqual([0, 0, 0]);
    expect(stepsOf(windowOf(steps(4), history))).toEqual([0, 1, 3]);
  });

  it('takes the frame before one that was lost', () => {
    const lossy = steps(6).filter((o) => o.step !== 3);
    expect(stepsOf(windowOf(lossy, { frames: 2, stride: 2 }))).toEqual([2, 5]);
  });

  it('has the announced frames in order, whatever it is given', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 40 }), ([frames, stride], count) => {
        const got = stepsOf(windowOf(steps(count, 3), { frames, stride }));
        const expected = Array.from({ length: frames }, (_, i) => count + 2 - (frames - 1 - i) * stride);
        expect(got).toEqual(expected.map((step) => Math.max(3, step)));
      }),
    );
  });

  it('shows a goal standing still', () => {
    const goal = seen(0, 1);
    expect(standingWindow(goal, { frames: 3, stride: 4 })).toEqual([goal, goal, goal]);
  });

  it('needs an observation', () => {
    expect(() => windowOf([], { frames: 1, stride: 1 })).toThrow('at least one observation');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Factor, Task } from '#src/env/task.js';
import { coverageOf, drawFactors, drawUnseen, isCovered, variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const factors: Record<string, Factor> = {
  door: {
    default: 0,
    minimum: -1,
    maximum: 1,
    training: [
      [-1, -0.5],
      [0, 0.25],
    ],
    about: '',
  },
  layout: { default: 20, minimum: 0, maximum: 20, whole: true, training: [[0, 9]], about: '' },
  side: { default: 0, minimum: -1, maximum: 1, values: [-1, 0, 1], about: '' },
};
const task = { name: 'toy', factors } as unknown as Task;

describe('factors of variation', () => {
  it('draws training values from the training ranges, and unseen ones from the rest', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const seen = drawFactors(task, ['door', 'layout'], rngOf(seed));
        const unseen = drawUnseen(task, ['door', 'layout'], rngOf(seed));
        for (const [name, drawn, inside] of [
          ['door', seen['door'], true],
          ['layout', seen['layout'], true],
          ['door', unseen['door'], false],
          ['layout', unseen['layout'], false],
        ] as const) {
          expect(isCovered(factors[name]!.training!.flat(), drawn!), `${name} ${drawn}`).toBe(inside);
          expect(variationOf(task, { [name]: drawn! })[name]).toBe(drawn);
        }
        expect(Number.isInteger(unseen['layout'])).toBe(true);
      }),
    );
  });

  it('reaches every part of what is left, ends included', () => {
    const draws = Array.from({ length: 400 }, (_, i) => drawUnseen(task, ['door', 'layout'], rngOf('u', i)));
    const layouts = new Set(draws.map((d) => d['layout']));
    expect([...layouts].sort((a, b) => a! - b!)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    const doors = draws.map((d) => d['door']!);
    const low = doors.filter((d) => d < 0).length;
    expect(low / 400).toBeCloseTo(0.5 / 1.25, 1); // in proportion to the gaps (-0.5, 0) and (0.25, 1)
  });

  it('says what a recording covers, range by range', () => {
    expect(coverageOf(task, ['door', 'side'])).toEqual({
      door: [-1, -0.5, 0, 0.25],
      layout: [20, 20],
      side: [-1, -1, 0, 0, 1, 1],
    });
    expect(isCovered([-1, -0.5, 0, 0.25], -0.2)).toBe(false);
    expect(isCovered([-1, -0.5, 0, 0.25], 0.2)).toBe(true);
  });

  it('refuses half a layout, and the unseen of a factor that training sees whole', () => {
    expect(() => variationOf(task, { layout: 3.5 })).toThrow(
      /factor 'layout' is 3.5; task 'toy' takes 0 to 20, whole/,
    );
    expect(() => drawUnseen(task, ['side'], rngOf(0))).toThrow(
      /factor 'side' of task 'toy' keeps no part of its range/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { spriteSheet } from '#src/record/sprite-sheet.js';
import { picture } from './sample-run.ts';

const frames = (n: number, width = 16, height = 16) =>
  Array.from({ length: n }, (_, step) => ({ step, image: picture(step % 12, width, height) }));

describe('spriteSheet', () => {
  it('lays frames out left to right, then down', () => {
    const sheet = spriteSheet(frames(5, 700, 4));
    expect(sheet).toMatchObject({ columns: 2, frameWidth: 700, frameHeight: 4, steps: [0, 1, 2, 3, 4] });
    expect(sheet.image).toMatchObject({ width: 1400, height: 12 });
    const row = 3 * 1400;
    const third = sheet.image.data.subarray(4 * row, 4 * row + 3 * 700);
    expect(third).toEqual(picture(2, 700, 4).data.subarray(0, 3 * 700));
  });

  it('leaves frames out, but never the last, when all would be too many pixels', () => {
    const big = picture(0, 256, 256);
    const { steps, image } = spriteSheet(Array.from({ length: 100 }, (_, step) => ({ step, image: big })));
    expect(image.width * image.height).toBeLessThan(5_000_000);
    expect(steps[0]).toBe(0);
    expect(steps.at(-1)).toBe(99);
    expect(steps.length).toBeGreaterThan(30);
  });

  it('refuses none, and frames of two sizes', () => {
    expect(() => spriteSheet([])).toThrow('at least one frame');
    const odd = [...frames(1), { step: 1, image: picture(0, 8, 8) }];
    expect(() => spriteSheet(odd)).toThrow('frame of step 1 is 8×8; the first one is 16×16');
  });
});

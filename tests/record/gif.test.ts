import { describe, expect, it } from 'vitest';
import { renderGif } from '#src/record/gif.js';
import { sampleTrace } from './sample-run.ts';

interface GifFrame {
  readonly delay: number;
  readonly width: number;
  readonly height: number;
}

const skipBlocks = (bytes: Uint8Array, at: number): number => {
  while (bytes[at] !== 0) at += bytes[at]! + 1;
  return at + 1;
};

/** The frames of a GIF by its block structure (GIF89a specification), pixels unread. */
function framesOf(bytes: Uint8Array): { width: number; height: number; frames: GifFrame[] } {
  const word = (at: number): number => bytes[at]! + 256 * bytes[at + 1]!;
  const table = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const frames: GifFrame[] = [];
  let delay = 0;
  let at = 13 + table(bytes[10]!);
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delay = 10 * word(at + 4);
      at = skipBlocks(bytes, at + 2);
    } else {
      expect(bytes[at]).toBe(0x2c);
      frames.push({ delay, width: word(at + 5), height: word(at + 7) });
      at = skipBlocks(bytes, at + 10 + table(bytes[at + 9]!) + 1);
    }
  }
  return { width: word(6), height: word(8), frames };
}

describe('renderGif', () => {
  it('has a frame for each one recorded, camera and goal side by side, at the rate of control', () => {
    const bytes = renderGif(sampleTrace());
    expect(Buffer.from(bytes.subarray(0, 6)).toString()).toBe('GIF89a');
    const { width, height, frames } = framesOf(bytes);
    expect(frames).toHaveLength(13);
    expect(width).toBe(2 * 16 * 16 + 20);
    expect(height).toBeGreaterThan(16 * 16);
    expect(frames.every((frame) => frame.width === width && frame.height === height)).toBe(true);
    expect(frames.slice(0, -1).every((frame) => frame.delay === 100)).toBe(true);
    expect(frames.at(-1)!.delay).toBe(1500);
  });

  it('plays no faster than viewers can', () => {
    const { frames } = framesOf(renderGif({ ...sampleTrace(), controlPeriod: 0.002 }));
    expect(frames[0]!.delay).toBe(20);
  });

  it('needs no plans and no distances', () => {
    const bare = { ...sampleTrace(), plans: [], distances: [] };
    expect(framesOf(renderGif(bare)).frames).toHaveLength(13);
    expect(framesOf(renderGif({ ...sampleTrace(), plans: [] })).frames).toHaveLength(13);
  });

  it('gives equal bytes for equal runs', () => {
    expect(renderGif(sampleTrace())).toEqual(renderGif(sampleTrace()));
  });

  it('refuses a run without frames', () => {
    expect(() => renderGif({ ...sampleTrace(), frames: [] })).toThrow('at least one frame');
  });
});

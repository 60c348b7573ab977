import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { decodePng, encodePng, pngUri } from '#src/record/png.js';
import { picture } from './sample-run.ts';

const size = { width: 2, height: 1 };
const read = (file: Uint8Array) => [...decodePng(file, size, 'goal.png').data];

function failure(file: Uint8Array, wanted = size): JepilotError {
  try {
    decodePng(file, wanted, 'goal.png');
  } catch (thrown) {
    if (thrown instanceof JepilotError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('PNG', () => {
  it('gives back the picture', () => {
    const image = picture(3, 20, 12);
    expect(decodePng(encodePng(image), image, 'a.png')).toEqual(image);
  });

  it('becomes a data URI', () => {
    expect(pngUri(encodePng(picture(3)))).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
  });

  it('drops alpha', () => {
    const data = Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 255);
    expect(read(encode({ ...size, data, channels: 4 }))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('expands grey, with and without alpha', () => {
    const grey = [7, 7, 7, 9, 9, 9];
    expect(read(encode({ ...size, data: Uint8Array.of(7, 9), channels: 1 }))).toEqual(grey);
    expect(read(encode({ ...size, data: Uint8Array.of(7, 1, 9, 1), channels: 2 }))).toEqual(grey);
  });

  it('widens grey of fewer than 8 bits', () => {
    const data = Uint8Array.of(0b01000000);
    expect(read(encode({ ...size, data, channels: 1, depth: 1 }))).toEqual([0, 0, 0, 255, 255, 255]);
  });

  it('narrows 16 bits', () => {
    const data = Uint16Array.of(0xff00, 0x8000, 0, 0x1234, 1, 2);
    expect(read(encode({ ...size, data, channels: 3, depth: 16 }))).toEqual([255, 128, 0, 18, 0, 0]);
  });

  it('looks palettes up', () => {
    const colours = [
      [10, 20, 30],
      [40, 50, 60],
    ];
    const file = encode({ ...size, data: Uint8Array.of(1, 0), channels: 1, palette: colours });
    expect(read(file)).toEqual([40, 50, 60, 10, 20, 30]);
  });

  it('names both sizes when they differ', () => {
    const { code, message } = failure(encodePng(picture(0, 8, 6)), { width: 64, height: 32 });
    expect(code).toBe('shape-mismatch');
    expect(message).toBe('goal.png is 8×6; the camera needs 64×32');
  });

  it('tells what is no PNG', () => {
    expect(failure(Buffer.from('GIF89a and so on, for a while')).message).toBe('goal.png is no PNG file');
    expect(failure(new Uint8Array(0)).code).toBe('bad-file');
  });

  it('tells a file that ends early, wherever it ends', () => {
    const image = picture(2);
    const file = encodePng(image);
    for (let length = 24; length < file.length; length += 7) {
      const { code, message } = failure(file.subarray(0, length), image);
      expect(code).toBe('bad-file');
      expect(message).toContain('goal.png is a damaged PNG file');
    }
  });

  it('tells a flipped bit', () => {
    const image = picture(2);
    const file = encodePng(image);
    file[60]! ^= 4;
    expect(failure(file, image).code).toBe('bad-file');
  });
});

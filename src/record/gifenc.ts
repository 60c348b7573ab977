import { createRequire } from 'node:module';

/** Colours as [red, green, blue], 0 to 255. */
export type Palette = number[][];

interface FrameOptions {
  /** The colour table; the first frame's is the whole picture's. */
  readonly palette?: Palette;
  /** Milliseconds. */
  readonly delay?: number;
  readonly transparent?: boolean;
  readonly transparentIndex?: number;
  /** 1 leaves the frame in place for the next one. */
  readonly dispose?: number;
}

interface Encoder {
  writeFrame(indexes: Uint8Array, width: number, height: number, options?: FrameOptions): void;
  finish(): void;
  bytes(): Uint8Array;
}

/** The part of gifenc 1.0.3 (MIT) that is used here; the package brings no types. */
interface Gifenc {
  GIFEncoder(): Encoder;
  quantize(rgba: Uint8Array, colors: number): Palette;
  applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
}

/** Loaded as the CommonJS module that it is: what `import` makes of its default export depends on the loader. */
export const gifenc = createRequire(import.meta.url)('gifenc') as Gifenc;

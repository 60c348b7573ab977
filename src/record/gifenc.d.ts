/** gifenc 1.0.3 brings no types. Only what gif.ts uses. */
declare module 'gifenc' {
  /** Colours as [red, green, blue], 0 to 255. */
  type Palette = number[][];

  interface FrameOptions {
    /** The colour table; the first frame's is the whole picture's. */
    palette?: Palette;
    /** Milliseconds. */
    delay?: number;
    transparent?: boolean;
    transparentIndex?: number;
    /** 1 leaves the frame in place for the next one. */
    dispose?: number;
  }

  interface Encoder {
    writeFrame(indexes: Uint8Array, width: number, height: number, options?: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array;
  }

  const gifenc: {
    GIFEncoder(): Encoder;
    quantize(rgba: Uint8Array, colors: number): Palette;
    applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
  };
  export default gifenc;
}

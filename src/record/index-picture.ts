/** A picture of palette indexes, [height, width], row 0 on top. */
export interface IndexPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export const blank = (width: number, height: number, index: number): IndexPicture => ({
  width,
  height,
  data: new Uint8Array(width * height).fill(index),
});

/** Fills a rectangle, cut to the picture. */
export function fill(
  on: IndexPicture,
  x: number,
  y: number,
  width: number,
  height: number,
  index: number,
): void {
  const right = Math.min(on.width, x + width);
  for (let row = y; row < Math.min(on.height, y + height); row++) {
    on.data.fill(index, row * on.width + x, row * on.width + Math.max(x, right));
  }
}

/** Copies `from`, every pixel `scale` times as wide and high, with its corner at (x, y); it must fit. */
export function enlarge(on: IndexPicture, from: IndexPicture, x: number, y: number, scale: number): void {
  const wide = scale * from.width;
  for (let row = 0; row < from.height; row++) {
    const start = (y + row * scale) * on.width + x;
    for (let column = 0; column < wide; column++) {
      on.data[start + column] = from.data[row * from.width + Math.floor(column / scale)]!;
    }
    for (let copy = 1; copy < scale; copy++) on.data.copyWithin(start + copy * on.width, start, start + wide);
  }
}

/** Letters of 3×5 pixels, a row in three bits, top first; only those that captions use. */
// prettier-ignore
const GLYPHS: Readonly<Record<string, string>> = {
  A: '25755', C: '34443', D: '65556', E: '74647', G: '34553', I: '72227', L: '44447', M: '57755', N: '65555',
  O: '25552', P: '65644', R: '65655', S: '34216', T: '72222', U: '55557', '0': '75557', '1': '26227', '2': '71747',
  '3': '71317', '4': '55711', '5': '74717', '6': '74757', '7': '71122', '8': '75757', '9': '75717', '.': '00002',
};

/** Pixels that a text of this scale takes in width. */
export const textWidth = (text: string, scale: number): number => Math.max(0, 4 * text.length - 1) * scale;

/** Writes capitals and digits; other characters leave a gap. */
export function write(
  on: IndexPicture,
  text: string,
  x: number,
  y: number,
  scale: number,
  index: number,
): void {
  Array.from(text.toUpperCase()).forEach((letter, i) => {
    const rows = GLYPHS[letter] ?? '00000';
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 3; column++) {
        if (!((Number(rows[row]) >> (2 - column)) & 1)) continue;
        fill(on, x + (4 * i + column) * scale, y + row * scale, scale, scale, index);
      }
    }
  });
}

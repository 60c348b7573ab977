import { JepilotError } from '../errors.ts';
import type { Image } from '../env/observation.ts';
import { gaugeOf, type Gauge } from './gauge.ts';
import { gifenc } from './gifenc.ts';
import { blank, enlarge, fill, textWidth, write, type IndexPicture } from './index-picture.ts';
import type { RunTrace } from './run-record.ts';

/** Colours of our own, after those of the frames: ground, separator, letters, bar, and "as the frame before". */
const OURS = [
  [24, 28, 36],
  [70, 78, 92],
  [226, 230, 238],
  [86, 180, 233],
  [0, 0, 0],
];
const FRAME_COLOURS = 256 - OURS.length;
const MARGIN = 8;
const GAP = 4;
const LETTER = 2;
const BAR = 8;
/** Viewers play anything shorter at 100 ms. */
const SHORTEST_MS = 20;
/** How long the last frame stays, so that the eye finds the end. */
const END_MS = 1500;

function toRgba(images: readonly Image[]): Uint8Array {
  const pixels = images.reduce((n, image) => n + image.width * image.height, 0);
  const rgba = new Uint8Array(4 * pixels).fill(255);
  let at = 0;
  for (const { data } of images) {
    for (let i = 0; i < data.length; i += 3, at += 4) {
      rgba[at] = data[i]!;
      rgba[at + 1] = data[i + 1]!;
      rgba[at + 2] = data[i + 2]!;
    }
  }
  return rgba;
}

/** Where things are, in pixels of the GIF. */
interface Layout {
  readonly scale: number;
  readonly goalX: number;
  readonly top: number;
  readonly below: number;
  readonly width: number;
  readonly height: number;
}

function layoutOf({ width, height }: Image): Layout {
  const scale = Math.max(1, Math.round(256 / height));
  const top = MARGIN + 5 * LETTER + GAP;
  const below = top + height * scale + MARGIN;
  return {
    scale,
    top,
    below,
    goalX: MARGIN + width * scale + GAP,
    width: 2 * (MARGIN + width * scale) + GAP,
    height: below + 5 * LETTER + GAP + BAR + MARGIN,
  };
}

/** The palette and what draws with it. */
interface Colours {
  readonly palette: number[][];
  /** Index of the first of our own colours. */
  readonly ground: number;
  readonly indexed: (image: Image) => IndexPicture;
}

function coloursOf(run: RunTrace): Colours {
  const seen = toRgba([run.goal, ...run.frames.map((frame) => frame.image)]);
  const palette = gifenc.quantize(seen, FRAME_COLOURS);
  return {
    palette: [...palette, ...OURS],
    ground: palette.length,
    indexed: (image) => ({ ...image, data: gifenc.applyPalette(toRgba([image]), palette) }),
  };
}

/** Everything that stays the same: captions, the goal picture and the separator. */
function backdrop(layout: Layout, goal: IndexPicture, ground: number): IndexPicture {
  const picture = blank(layout.width, layout.height, ground);
  write(picture, 'CAMERA', MARGIN, MARGIN, LETTER, ground + 2);
  write(picture, 'GOAL', layout.goalX, MARGIN, LETTER, ground + 2);
  fill(picture, layout.goalX - GAP / 2 - 1, layout.top, 2, goal.height * layout.scale, ground + 1);
  enlarge(picture, goal, layout.goalX, layout.top, layout.scale);
  return picture;
}

function drawGauge(on: IndexPicture, layout: Layout, gauge: Gauge, step: number, ground: number): void {
  const room = layout.width - 2 * MARGIN;
  const barY = layout.below + 5 * LETTER + GAP;
  fill(on, MARGIN, layout.below, room, 5 * LETTER, ground);
  fill(on, MARGIN, barY, room, BAR, ground + 1);
  write(on, gauge.name, MARGIN, layout.below, LETTER, ground + 2);
  const reading = gauge.at(step);
  if (reading === null) return;
  const x = layout.width - MARGIN - textWidth(reading.text, LETTER);
  write(on, reading.text, x, layout.below, LETTER, ground + 2);
  const level = Math.min(1, Math.max(0, reading.level));
  fill(on, MARGIN, barY, Math.round(level * room), BAR, ground + 3);
}

/** Into `out`, only what differs from the frame before: the rest becomes `same`, which packs to almost nothing. */
function keepChanges(out: Uint8Array, now: Uint8Array, before: Uint8Array, same: number): void {
  for (let i = 0; i < out.length; i++) out[i] = now[i] === before[i] ? same : now[i]!;
}

/**
 * A run as an animated GIF: the camera enlarged without smoothing, the goal picture beside it, and below a bar of the
 * predicted time to go (of the true distance, for policies that predict none). Played at the rate of control, or at 50
 * frames a second where control is faster. Throws JepilotError for a run without frames.
 */
export function renderGif(run: RunTrace): Uint8Array {
  const first = run.frames[0]?.image;
  if (!first) throw new JepilotError('bad-state', 'a GIF needs at least one frame');
  const { palette, ground, indexed } = coloursOf(run);
  const same = palette.length - 1;
  const layout = layoutOf(first);
  const gauge = gaugeOf(run);
  const picture = backdrop(layout, indexed(run.goal), ground);
  const before = picture.data.slice();
  const changed = picture.data.slice();
  const gif = gifenc.GIFEncoder();
  for (const [i, frame] of run.frames.entries()) {
    enlarge(picture, indexed(frame.image), MARGIN, layout.top, layout.scale);
    drawGauge(picture, layout, gauge, frame.step, ground);
    if (i > 0) keepChanges(changed, picture.data, before, same);
    const delay = i === run.frames.length - 1 ? END_MS : Math.max(SHORTEST_MS, run.controlPeriod * 1000);
    const colours = i === 0 ? { palette } : { transparent: true, transparentIndex: same };
    gif.writeFrame(i === 0 ? picture.data : changed, layout.width, layout.height, {
      delay,
      dispose: 1,
      ...colours,
    });
    before.set(picture.data);
  }
  gif.finish();
  return gif.bytes();
}

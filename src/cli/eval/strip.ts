import type { Image } from '../../env/observation.ts';
import { spriteSheet } from '../../record/sprite-sheet.ts';

/** Pictures of one size in a row. */
export const sideBySide = (images: readonly Image[]): Image =>
  spriteSheet(images.map((image, step) => ({ image, step }))).image;

import { concat, extent, reshape, slice, zeros, type Tensor } from '../tensor.ts';
import type { WorldModel } from '../world-model/world-model.ts';

/** Longest prediction that is checked, in model steps. */
const LONGEST = 5;

/** Latents [1, D] of past requests and the raw rows [n, a] sent since the oldest of them, up to `step`. */
export interface Memory {
  readonly step: number;
  readonly seen: readonly { readonly step: number; readonly latent: Tensor }[];
  readonly rows: Tensor;
}

export const blank = (actionDim: number): Memory => ({ step: 0, seen: [], rows: zeros([0, actionDim]) });

/** Adds what a request tells. Forgets everything before a gap: rows that don't account for the steps that passed. */
export function remember(
  memory: Memory,
  step: number,
  latent: Tensor,
  executed: Tensor,
  repeat: number,
): Memory {
  const gapless = memory.seen.length > 0 && extent(executed, 0) === step - memory.step;
  const past = gapless ? memory : blank(extent(executed, 1));
  const seen = [
    ...past.seen.filter((s) => s.step < step && s.step >= step - LONGEST * repeat),
    { step, latent },
  ];
  const known = gapless ? concat([memory.rows, executed]) : past.rows;
  const count = extent(known, 0);
  const needed = step - seen[0]!.step;
  return { step, seen, rows: slice(known, count - needed, count) };
}

/**
 * What a predictor with a context of up to `most` latents starts from: the present and as many as are remembered exactly
 * one model step apart before it, oldest first [T, D], with the raw model actions sent between them [T-1, A].
 */
export function contextOf(
  { seen, rows, step }: Memory,
  most: number,
  repeat: number,
): { readonly latents: Tensor; readonly actions: Tensor } {
  const found: Tensor[] = [];
  for (let back = 0; back < most; back++) {
    const past = seen.find((one) => one.step === step - back * repeat);
    if (!past) break;
    found.unshift(past.latent);
  }
  const width = repeat * extent(rows, 1);
  const count = extent(rows, 0);
  const between = slice(rows, count - (found.length - 1) * repeat, count);
  return { latents: concat(found), actions: reshape(between, [found.length - 1, width]) };
}

/**
 * How wrong the model was about the present: the mean squared difference between the newest latent and its prediction
 * from the latest remembered one that lies a whole number of model steps back, through the rows really sent. Null
 * where none does.
 */
export async function surpriseOf(model: WorldModel, memory: Memory): Promise<number | null> {
  const { dim, repeat } = model.manifest.action;
  const present = memory.seen.at(-1);
  const past = memory.seen.findLast((s) => s.step < memory.step && (memory.step - s.step) % repeat === 0);
  if (!present || !past) return null;
  const count = extent(memory.rows, 0);
  let latent = past.latent;
  for (let at = count - (memory.step - past.step); at < count; at += repeat) {
    const block = reshape(slice(memory.rows, at, at + repeat), [1, repeat * dim]);
    latent = await model.predict(latent, block);
  }
  const squares = latent.data.reduce((sum, value, i) => sum + (value - present.latent.data[i]!) ** 2, 0);
  return squares / latent.data.length;
}

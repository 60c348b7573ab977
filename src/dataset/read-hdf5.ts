import h5wasm, { Dataset, type File } from 'h5wasm/node';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Clip, RecordedData } from './recorded-data.ts';

function column(file: File, path: string, name: string): Dataset {
  const found = file.get(name);
  if (found instanceof Dataset) return found;
  const known = file.keys().join(', ') || 'nothing';
  throw new JepilotError('bad-file', `${path} has no column '${name}'; it holds ${known}`);
}

const numbers = (dataset: Dataset): number[] =>
  Array.from(dataset.value as ArrayLike<number | bigint>, Number);

function readClip(path: string, pixels: Dataset, action: Dataset, from: number, length: number): Clip {
  const [, height = 0, width = 0] = pixels.shape ?? [];
  const [, dim = 0] = action.shape ?? [];
  const frames = pixels.slice([[from, from + length + 1], [], [], []]);
  const rows = action.slice([[from, from + length], []]);
  const size = 3 * height * width;
  if (!(frames instanceof Uint8Array) || frames.length !== (length + 1) * size) {
    throw new JepilotError(
      'bad-file',
      `${path}: 'pixels' expected u8 [N, H, W, 3], got ${JSON.stringify(pixels.dtype)} of ${JSON.stringify(pixels.shape)}`,
    );
  }
  const values = Float32Array.from(rows as ArrayLike<number>);
  return {
    images: Array.from({ length: length + 1 }, (_, i) => ({
      width,
      height,
      data: frames.slice(i * size, (i + 1) * size),
    })),
    actions: Array.from({ length }, (_, i) => values.slice(i * dim, (i + 1) * dim)),
  };
}

/**
 * Opens a data set in the HDF5 layout of stable-worldmodel, which is ours too: `pixels` u8 [N, H, W, 3], `action` [N, a],
 * all episodes end to end, with `ep_len` and `ep_offset`. Throws JepilotError('bad-file').
 */
export async function openHdf5(path: string): Promise<RecordedData> {
  await h5wasm.ready;
  let file: File;
  try {
    file = new h5wasm.File(path, 'r');
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read ${path} as HDF5: ${reasonOf(cause)}`, { cause });
  }
  try {
    const [pixels, action] = [column(file, path, 'pixels'), column(file, path, 'action')];
    const lengths = numbers(column(file, path, 'ep_len'));
    const offsets = numbers(column(file, path, 'ep_offset'));
    return {
      lengths,
      actionDim: action.shape?.[1] ?? 0,
      clip: async (episode, from, length) =>
        readClip(path, pixels, action, (offsets[episode] ?? 0) + from, length),
      async [Symbol.asyncDispose]() {
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

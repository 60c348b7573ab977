import { renameSync, rmSync } from 'node:fs';
import h5wasm, { type Dataset, type File } from 'h5wasm/node';
import { JepilotError, reasonOf } from '../errors.ts';
import type { EpisodeRows } from './record-episode.ts';

/** Shape of one row of each column, and what the file should say of itself. */
export interface DatasetLayout {
  readonly columns: Readonly<
    Partial<Record<keyof EpisodeRows, readonly number[]>> & { action: readonly number[] }
  >;
  /** JSON for the root attribute `jepilot`. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

const DTYPES = { pixels: '<B', action: '<f', state: '<f', variation: '<f' } as const;

/**
 * Writes episodes in the HDF5 layout of stable-worldmodel 0.1.1: a dataset per column with all episodes end to end,
 * `ep_len` i32 and `ep_offset` i64. Pixels are chunked by frame and deflated. The file appears under its name only once
 * it is whole.
 */
export async function writeHdf5(
  path: string,
  layout: DatasetLayout,
  episodes: Iterable<EpisodeRows>,
): Promise<void> {
  await h5wasm.ready;
  const temporary = `${path}.tmp`;
  try {
    atTimeZero(() => writeFile(temporary, layout, episodes));
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof JepilotError) throw cause;
    throw new JepilotError('io', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** HDF5 stamps every object with the time; a set that is collected twice must be the same file, byte for byte. */
function atTimeZero(write: () => void): void {
  const { now } = Date; // eslint-disable-line no-restricted-properties -- the clock that h5wasm reads; put back below
  Date.now = () => 0; // eslint-disable-line no-restricted-properties
  try {
    write();
  } finally {
    Date.now = now; // eslint-disable-line no-restricted-properties
  }
}

function writeFile(path: string, layout: DatasetLayout, episodes: Iterable<EpisodeRows>): void {
  const file = new h5wasm.File(path, 'w');
  try {
    file.create_attribute('jepilot', JSON.stringify(layout.provenance));
    const lengths = Int32Array.from(writeColumns(file, layout, episodes));
    const count = lengths.length;
    const offsets = new BigInt64Array(count);
    for (let i = 1; i < count; i++) offsets[i] = offsets[i - 1]! + BigInt(lengths[i - 1]!);
    file.create_dataset({ name: 'ep_len', data: lengths, shape: [count], dtype: '<i' });
    file.create_dataset({ name: 'ep_offset', data: offsets, shape: [count], dtype: '<q' });
  } finally {
    file.close();
  }
}

/** Writes every episode behind the one before; returns their lengths in rows. */
function writeColumns(file: File, { columns }: DatasetLayout, episodes: Iterable<EpisodeRows>): number[] {
  const names = Object.keys(columns) as (keyof EpisodeRows)[];
  const lengths: number[] = [];
  let from = 0;
  for (const rows of episodes) {
    const length = rows.action.length / (columns.action[0] ?? 1);
    for (const name of names) {
      const row = columns[name] ?? [];
      if (lengths.length === 0) createColumn(file, name, row, rows[name], length);
      else appendColumn(file.get(name) as Dataset, row, rows[name], from, from + length);
    }
    lengths.push(length);
    from += length;
  }
  return lengths;
}

function createColumn(
  file: File,
  name: keyof EpisodeRows,
  row: readonly number[],
  data: EpisodeRows[typeof name],
  steps: number,
): void {
  file.create_dataset({
    name,
    data,
    shape: [steps, ...row],
    maxshape: [null, ...row],
    dtype: DTYPES[name],
    chunks: name === 'pixels' ? [1, ...row] : [steps, ...row],
    compression: 'gzip',
    compression_opts: [1],
  });
}

function appendColumn(
  dataset: Dataset,
  row: readonly number[],
  data: EpisodeRows[keyof EpisodeRows],
  from: number,
  to: number,
): void {
  dataset.resize([to, ...row]);
  dataset.write_slice([[from, to], ...row.map((): [] => [])], data);
}

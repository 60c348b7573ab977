import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import h5wasm, { type Dataset } from 'h5wasm/node';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAlike, episodeOf, type ExportEpisode } from '#src/record/export/episode.js';
import { exportHdf5 } from '#src/record/export/hdf5.js';
import { exportJsonl } from '#src/record/export/jsonl.js';
import { exportLerobot } from '#src/record/export/lerobot.js';
import { decodePng } from '#src/record/png.js';
import { readRecording, type Recording } from '#src/record/recording.js';
import { writeSample } from './sample-recording.ts';
import { picture } from './sample-run.ts';

let folder: string;
let recordings: Recording[];
let episodes: ExportEpisode[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
  recordings = await Promise.all(
    [5, 9].map(async (steps) => readRecording(await writeSample(join(folder, `${steps}.mcap`), steps))),
  );
  episodes = recordings.map(episodeOf);
});
afterAll(() => rmSync(folder, { recursive: true }));

const parquet = async (...path: string[]): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(join(folder, ...path)), utf8: false });

describe('exportLerobot', () => {
  it('writes rows, episodes, tasks and statistics that another reader takes', async () => {
    exportLerobot(episodes, join(folder, 'set'), 'push it');
    const rows = await parquet('set/data/chunk-000/file-000.parquet');
    expect(rows).toHaveLength(14);
    expect(rows[5]).toMatchObject({ episode_index: 1n, frame_index: 0n, index: 5n, task_index: 0n });
    expect(rows[6]!['action']).toEqual([...Float32Array.of(0.1, -0.2)]);
    expect(rows[7]!['observation.state']).toEqual([...Float32Array.of(0.2, -0.7)]);
    const { bytes } = rows[7]!['observation.images.top'] as { bytes: Uint8Array };
    expect(decodePng(Buffer.from(bytes), { width: 16, height: 16 }, 'it')).toEqual(picture(2));
    const [, second] = await parquet('set/meta/episodes/chunk-000/file-000.parquet');
    expect(second).toMatchObject({
      length: 9n,
      dataset_from_index: 5n,
      dataset_to_index: 14n,
      tasks: ['push it'],
    });
    expect(second!['stats/action/count']).toEqual([9n]);
    const info = JSON.parse(readFileSync(join(folder, 'set/meta/info.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(info).toMatchObject({
      codebase_version: 'v3.0',
      fps: 10,
      total_frames: 14,
      splits: { train: '0:2' },
    });
  });

  it('replaces no folder', () => {
    exportLerobot(episodes, join(folder, 'once'), undefined);
    expect(() => exportLerobot(episodes, join(folder, 'once'), undefined)).toThrow(/once is not empty/);
  });
});

describe('exportHdf5', () => {
  it('puts episodes of different lengths end to end', async () => {
    const path = join(folder, 'set.h5');
    await exportHdf5(episodes, path, '0.1.0');
    const file = new h5wasm.File(path, 'r');
    const values = (name: string) => [...((file.get(name) as Dataset).value as Iterable<number | bigint>)];
    expect(values('ep_len')).toEqual([5, 9]);
    expect(values('ep_offset')).toEqual([0n, 5n]);
    expect((file.get('pixels') as Dataset).shape).toEqual([14, 16, 16, 3]);
    expect(values('pixels').slice(7 * 768, 8 * 768)).toEqual([...picture(2).data]);
    expect(values('action').slice(0, 4)).toEqual([0, 0, ...Float32Array.of(0.1, -0.2)]);
    expect(values('variation').slice(-2)).toEqual([...Float32Array.of(1, 0.2)]);
    file.close();
  });
});

describe('exportJsonl', () => {
  it('writes a line for everything but pictures', () => {
    const path = join(folder, 'run.jsonl');
    exportJsonl(recordings, path);
    const lines = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const count = (kind: string) => lines.filter((line) => line['kind'] === kind).length;
    expect(['run', 'tick', 'plan', 'event', 'result'].map(count)).toEqual([2, 14, 5, 4, 2]);
    expect(lines.find((line) => line['kind'] === 'tick')).toMatchObject({
      recording: 0,
      step: 0,
      source: 'hold',
      distance: 1,
    });
  });
});

describe('what makes no data set', () => {
  it('is refused by name', () => {
    const [first, second] = recordings as [Recording, Recording];
    const other = { ...second, run: { ...second.run, task: 'reacher' } };
    expect(() => checkAlike([first, other].map(episodeOf))).toThrow(
      /9\.mcap \(task 'reacher'\).*5\.mcap \(task 'sample'\)/,
    );
    const blind = { ...first, frames: first.frames.map((frame) => ({ ...frame, images: {} })) };
    expect(() => episodeOf(blind)).toThrow(/camera 'top' was left out at step 0/);
    expect(() => episodeOf({ ...first, sent: [] })).toThrow(/no step with an observation and an action/);
    const gap = { ...first, frames: first.frames.filter(({ step }) => step !== 2) };
    expect(() => episodeOf(gap)).toThrow(/lacks step 2/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

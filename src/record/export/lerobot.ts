import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { JepilotError } from '../../errors.ts';
import { makeFolder } from '../../make-folder.ts';
import { writeWhole } from '../run-folder.ts';
import { imageAt, type ExportEpisode } from './episode.ts';
import { imageStats, vectorStats, type FeatureStats, type Nested } from './lerobot-stats.ts';
import { column, pictures, writeParquet, type ParquetColumn } from './parquet-columns.ts';

/** Bytes of pictures after which a new file of rows begins. */
const FILE_BYTES = 100_000_000;

const DATA_PATH = 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet';
const VIDEO_PATH = 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4';

const padded = (index: number): string => String(index).padStart(3, '0');
const dataFile = (index: number): string => `data/chunk-000/file-${padded(index)}.parquet`;
const imageKey = (camera: string): string => `observation.images.${camera}`;

/** Where an episode stands in the data set. */
interface Placed {
  readonly episode: ExportEpisode;
  readonly index: number;
  /** Row number of its first row in the whole set. */
  readonly from: number;
  readonly file: number;
  readonly stats: Readonly<Record<string, FeatureStats>>;
}

/**
 * Writes episodes as a folder in LeRobot's format v3.0: numbers and pictures in Parquet, so that no video codec changes a
 * pixel. Throws JepilotError('io') where the folder is not empty.
 */
export function exportLerobot(
  episodes: readonly ExportEpisode[],
  out: string,
  text: string | undefined,
): void {
  makeFolder(out);
  if (readdirSync(out).length > 0)
    throw new JepilotError('io', `${out} is not empty; name a new folder for the data set`);
  for (const folder of ['meta/episodes/chunk-000', 'data/chunk-000']) makeFolder(join(out, folder));
  const placed = place(episodes);
  const { run } = episodes[0]!.recording;
  for (let file = 0; file <= (placed.at(-1)?.file ?? 0); file++) {
    const here = placed.filter((each) => each.file === file);
    writeParquet(join(out, dataFile(file)), rowColumns(here));
  }
  writeParquet(
    join(out, 'meta/episodes/chunk-000/file-000.parquet'),
    episodeColumns(placed, text ?? run.task),
  );
  writeTasks(join(out, 'meta/tasks.parquet'), text ?? run.task);
  writeWhole(join(out, 'meta/info.json'), `${JSON.stringify(infoOf(placed), null, 2)}\n`);
  writeWhole(join(out, 'meta/stats.json'), `${JSON.stringify(allStats(episodes), null, 2)}\n`);
}

function place(episodes: readonly ExportEpisode[]): Placed[] {
  let [from, file, bytes] = [0, 0, 0];
  return episodes.map((episode, index) => {
    if (bytes > FILE_BYTES) [file, bytes] = [file + 1, 0];
    const placed = { episode, index, from, file, stats: statsOf([episode], from, index) };
    from += episode.rows.length;
    bytes += episode.rows
      .flatMap(({ files }) => Object.values(files))
      .reduce((sum, each) => sum + each.length, 0);
    return placed;
  });
}

/** Statistics of every feature over the rows of some episodes, the first of which begins at row `from`. */
function statsOf(
  episodes: readonly ExportEpisode[],
  from: number,
  index: number,
): Record<string, FeatureStats> {
  const { run } = episodes[0]!.recording;
  const rows = episodes.flatMap((episode) => episode.rows.map((row) => ({ episode, row })));
  const frames = episodes.flatMap((episode) => episode.rows.map((_, i) => i));
  const scalar = (values: readonly number[]): FeatureStats => vectorStats(values.map((value) => [value]));
  const images = run.cameras.map(({ name }) => [
    imageKey(name),
    imageStats(rows.map(({ episode, row }) => imageAt(episode, row, name))),
  ]);
  return {
    ...(Object.fromEntries(images) as Record<string, FeatureStats>),
    ...(run.stateNames.length > 0
      ? { 'observation.state': vectorStats(rows.map(({ row }) => row.state)) }
      : {}),
    action: vectorStats(rows.map(({ row }) => row.action)),
    timestamp: scalar(frames.map((frame) => frame * run.controlPeriod)),
    frame_index: scalar(frames),
    episode_index: scalar(episodes.flatMap((episode, i) => episode.rows.map(() => index + i))),
    index: scalar(frames.map((_, i) => from + i)),
    task_index: scalar(frames.map(() => 0)),
  };
}

const allStats = (episodes: readonly ExportEpisode[]): Record<string, FeatureStats> =>
  statsOf(episodes, 0, 0);

/** A vector of one value is a plain column: so LeRobot reads shape [1]. */
function vectors(name: string, rows: readonly Float32Array[]): ParquetColumn {
  if (rows[0]?.length === 1)
    return column(
      name,
      'float',
      rows.map((row) => row[0]!),
    );
  return column(
    name,
    'float',
    rows.map((row) => Array.from(row)),
    1,
  );
}

function rowColumns(placed: readonly Placed[]): ParquetColumn[] {
  const { run } = placed[0]!.episode.recording;
  const rows = placed.flatMap(({ episode, index, from }) =>
    episode.rows.map((row, i) => ({ row, i, index, from })),
  );
  const whole = (name: string, of: (at: (typeof rows)[number]) => number): ParquetColumn =>
    column(
      name,
      'int64',
      rows.map((at) => BigInt(of(at))),
    );
  return [
    ...run.cameras.map(({ name }) =>
      pictures(
        imageKey(name),
        rows.map(({ row }) => row.files[name]!),
      ),
    ),
    ...(run.stateNames.length > 0
      ? [
          vectors(
            'observation.state',
            rows.map(({ row }) => row.state),
          ),
        ]
      : []),
    vectors(
      'action',
      rows.map(({ row }) => row.action),
    ),
    column(
      'timestamp',
      'float',
      rows.map(({ i }) => i * run.controlPeriod),
    ),
    whole('frame_index', ({ i }) => i),
    whole('episode_index', ({ index }) => index),
    whole('index', ({ i, from }) => from + i),
    whole('task_index', () => 0),
  ];
}

const depthOf = (value: Nested | number): number =>
  typeof value === 'number' ? 0 : 1 + depthOf(value[0] ?? 0);

function episodeColumns(placed: readonly Placed[], text: string): ParquetColumn[] {
  const whole = (name: string, of: (at: Placed) => number): ParquetColumn =>
    column(
      name,
      'int64',
      placed.map((at) => BigInt(of(at))),
    );
  const features = Object.entries(placed[0]!.stats);
  const stats = features.flatMap(([feature, values]) =>
    Object.entries(values).map(([name, value]) => {
      const cells = placed.map((at) => at.stats[feature]![name]!);
      const key = `stats/${feature}/${name}`;
      if (name === 'count')
        return column(
          key,
          'int64',
          cells.map((cell) => cell.map((n) => BigInt(Number(n)))),
          1,
        );
      return column(key, 'double', cells as number[][], depthOf(value));
    }),
  );
  return [
    whole('episode_index', ({ index }) => index),
    column(
      'tasks',
      'string',
      placed.map(() => [text]),
      1,
    ),
    whole('length', ({ episode }) => episode.rows.length),
    whole('data/chunk_index', () => 0),
    whole('data/file_index', ({ file }) => file),
    whole('dataset_from_index', ({ from }) => from),
    whole('dataset_to_index', ({ from, episode }) => from + episode.rows.length),
    ...stats,
    whole('meta/episodes/chunk_index', () => 0),
    whole('meta/episodes/file_index', () => 0),
  ];
}

/** The table of tasks: pandas finds the text in the index, so the file says which column that is. */
function writeTasks(path: string, text: string): void {
  const described = (name: string | null, field: string, kind: string, numpy: string): object => ({
    name,
    field_name: field,
    pandas_type: kind,
    numpy_type: numpy,
    metadata: null,
  });
  const index = '__index_level_0__';
  const pandas = {
    index_columns: [index],
    column_indexes: [],
    columns: [
      described('task_index', 'task_index', 'int64', 'int64'),
      described(null, index, 'unicode', 'object'),
    ],
    pandas_version: '2.0.0',
  };
  writeParquet(
    path,
    [column('task_index', 'int64', [0n]), column(index, 'string', [text])],
    [{ key: 'pandas', value: JSON.stringify(pandas) }],
  );
}

function infoOf(placed: readonly Placed[]): object {
  const { run } = placed[0]!.episode.recording;
  const frames = placed.reduce((sum, { episode }) => sum + episode.rows.length, 0);
  const fps = 1 / run.controlPeriod;
  const one = (dtype: string): object => ({ dtype, shape: [1], names: null });
  const images = run.cameras.map(({ name, width, height }) => [
    imageKey(name),
    { dtype: 'image', shape: [height, width, 3], names: ['height', 'width', 'channels'] },
  ]);
  const vector = (names: readonly string[]): object => ({ dtype: 'float32', shape: [names.length], names });
  return {
    codebase_version: 'v3.0',
    robot_type: run.task,
    total_episodes: placed.length,
    total_frames: frames,
    total_tasks: 1,
    chunks_size: 1000,
    data_files_size_in_mb: 100,
    video_files_size_in_mb: 200,
    fps: Math.abs(fps - Math.round(fps)) < 1e-6 ? Math.round(fps) : fps,
    splits: { train: `0:${placed.length}` },
    data_path: DATA_PATH,
    video_path: VIDEO_PATH,
    features: {
      ...(Object.fromEntries(images) as object),
      ...(run.stateNames.length > 0 ? { 'observation.state': vector(run.stateNames) } : {}),
      action: vector(run.action.names),
      timestamp: one('float32'),
      ...Object.fromEntries(
        ['frame_index', 'episode_index', 'index', 'task_index'].map((name) => [name, one('int64')]),
      ),
    },
  };
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { JepilotError } from '../../errors.ts';
import { makeFolder } from '../../make-folder.ts';
import { writeWhole } from '../run-folder.ts';
import { imageAt, type ExportEpisode } from './episode.ts';
import { imageKey, infoOf, writeTasks } from './lerobot-meta.ts';
import { imageStats, vectorStats, type FeatureStats, type Nested } from './lerobot-stats.ts';
import { column, pictures, writeParquet, type ParquetColumn } from './parquet-columns.ts';

/** Bytes of pictures after which a new file of rows begins. */
const FILE_BYTES = 100_000_000;

const padded = (index: number): string => String(index).padStart(3, '0');
const dataFile = (index: number): string => `data/chunk-000/file-${padded(index)}.parquet`;
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
  writeWhole(join(out, 'meta/info.json'), `${JSON.stringify(infoOf(episodes), null, 2)}\n`);
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

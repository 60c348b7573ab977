import type { ExportEpisode } from './episode.ts';
import { column, writeParquet } from './parquet-columns.ts';

const DATA_PATH = 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet';
const VIDEO_PATH = 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4';

/** What LeRobot calls a camera's pictures. */
export const imageKey = (camera: string): string => `observation.images.${camera}`;

/** The table of tasks: pandas finds the text in the index, so the file says which column that is. */
export function writeTasks(path: string, text: string): void {
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

/** `meta/info.json`: what the folder holds and where. */
export function infoOf(episodes: readonly ExportEpisode[]): object {
  const { run } = episodes[0]!.recording;
  const frames = episodes.reduce((sum, { rows }) => sum + rows.length, 0);
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
    total_episodes: episodes.length,
    total_frames: frames,
    total_tasks: 1,
    chunks_size: 1000,
    data_files_size_in_mb: 100,
    video_files_size_in_mb: 200,
    fps: Math.abs(fps - Math.round(fps)) < 1e-6 ? Math.round(fps) : fps,
    splits: { train: `0:${episodes.length}` },
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

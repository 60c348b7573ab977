import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { z } from 'zod';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Image } from '../env/observation.ts';
import { decodePng } from '../record/png.ts';
import type { Clip, RecordedData } from './recorded-data.ts';

/** What is needed of `meta/info.json`; LeRobot writes much more. */
const Info = z.object({
  codebase_version: z.string().regex(/^v3\./, 'expected version v3'),
  features: z.record(z.string(), z.object({ dtype: z.string(), shape: z.array(z.number()) })),
});

interface Row {
  readonly episode: number;
  readonly action: Float32Array;
  readonly picture: Uint8Array;
}

function readInfo(folder: string): z.infer<typeof Info> {
  const path = join(folder, 'meta', 'info.json');
  try {
    return Info.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const reason = issue ? `'${issue.path.join('.')}': ${issue.message}` : reasonOf(cause);
    throw new JepilotError('bad-file', `${path}: ${reason}`, { cause });
  }
}

/** The feature that holds pictures; those in videos would need a decoder. */
function pictureFeature(
  folder: string,
  { features }: z.infer<typeof Info>,
): { name: string; width: number; height: number } {
  const [found] = Object.entries(features).filter(([, { dtype }]) => dtype === 'image');
  if (found) {
    const [name, { shape }] = found;
    const [height = 0, width = 0] = shape[0] === 3 ? shape.slice(1) : shape;
    return { name, width, height };
  }
  const isVideo = Object.values(features).some(({ dtype }) => dtype === 'video');
  const remedy = isVideo
    ? 'its pictures are videos; write them as images (use_videos=False)'
    : 'it has no pictures';
  throw new JepilotError('bad-file', `${folder} can't be read: ${remedy}`);
}

async function readRows(folder: string, feature: string): Promise<Row[]> {
  const data = join(folder, 'data');
  if (!existsSync(data)) throw new JepilotError('bad-file', `${folder} has no folder 'data'`);
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  );
  const columns = ['action', 'episode_index', feature];
  const rows: Row[] = [];
  for (const name of files.sort()) {
    const file = await asyncBufferFromFile(join(data, name));
    for (const row of await parquetReadObjects({ file, columns, utf8: false })) {
      const picture = (row[feature] as { bytes?: Uint8Array } | null)?.bytes;
      if (!picture) throw new JepilotError('bad-file', `${join(data, name)}: '${feature}' holds no bytes`);
      const action = Float32Array.from(row['action'] as number[]);
      rows.push({ episode: Number(row['episode_index']), action, picture });
    }
  }
  return rows;
}

/**
 * Opens a LeRobot v3 folder whose pictures are PNG files in its parquet files. Throws JepilotError('bad-file').
 */
export async function openLerobot(folder: string): Promise<RecordedData> {
  const feature = pictureFeature(folder, readInfo(folder));
  const episodes = new Map<number, Row[]>();
  for (const row of await readRows(folder, feature.name)) {
    episodes.set(row.episode, [...(episodes.get(row.episode) ?? []), row]);
  }
  const all = [...episodes.values()];
  const image = (row: Row): Image => decodePng(row.picture, feature, `a picture of ${folder}`);
  return {
    lengths: all.map((rows) => rows.length),
    actionDim: all[0]?.[0]?.action.length ?? 0,
    async clip(episode, from, length): Promise<Clip> {
      const rows = all[episode]?.slice(from, from + length + 1) ?? [];
      return { images: rows.map(image), actions: rows.slice(0, length).map(({ action }) => action) };
    },
    async [Symbol.asyncDispose]() {
      episodes.clear();
    },
  };
}

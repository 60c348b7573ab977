import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { core } from 'zod';
import { JepilotError, reasonOf } from '../errors.ts';
import { graphRoles, type GraphRole } from './graph-checks.ts';
import { ModelManifest } from './manifest.ts';

/** A model folder, read: its manifest and the bytes of the graphs that it names, checksums verified. */
export interface ModelFiles {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly graphs: Readonly<Record<GraphRole, Uint8Array | null>>;
}

/** Reads a model folder. A missing file is an `io` error; a wrong manifest or checksum is `bad-model`. */
export async function readModel(folder: string): Promise<ModelFiles> {
  const manifest = await readManifest(folder);
  const graphs: Partial<Record<GraphRole, Uint8Array | null>> = {};
  for (const role of graphRoles) {
    const entry = manifest.graphs[role];
    graphs[role] = entry ? await readEntry(folder, entry) : null;
  }
  return { folder, manifest, graphs: graphs as ModelFiles['graphs'] };
}

/** A file of a model folder as the manifest names it. */
export type FileEntry = ModelManifest['golden'];

/** The bytes of a file that the manifest names, after checking that they are the ones it was written for. */
export async function readEntry(folder: string, { file, sha256 }: FileEntry): Promise<Uint8Array> {
  const path = join(folder, file);
  const bytes = await readBytes(path);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual === sha256) return bytes;
  throw new JepilotError(
    'bad-model',
    `${path} is not the file that manifest.json describes: SHA-256 expected ${short(sha256)}, got ${short(actual)}`,
  );
}

/** Reads and checks `manifest.json` alone. */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, 'manifest.json');
  const text = new TextDecoder().decode(await readBytes(path));
  const parsed = ModelManifest.safeParse(parseJson(path, text));
  if (!parsed.success) throw new JepilotError('bad-model', `${path}: ${describe(parsed.error.issues)}`);
  const contradiction = contradictionIn(parsed.data);
  if (contradiction) throw new JepilotError('bad-model', `${path}: ${contradiction}`);
  return parsed.data;
}

/** The first problem of a parse, in one line. */
function describe(issues: readonly core.$ZodIssue[]): string {
  const [issue] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `'${[...path, key].join('.')}'`).join(', ');
    return `unknown key ${keys}${more}`;
  }
  const place = path.length > 0 ? `'${path.join('.')}': ` : '';
  return `${place}${issue?.message ?? 'not a manifest'}${more}`;
}

/** What a manifest says twice and differently; null when it agrees with itself. */
function contradictionIn(manifest: ModelManifest): string | null {
  const { action, metric, graphs, calibration } = manifest;
  for (const key of ['mean', 'std', 'minimum', 'maximum'] as const) {
    if (action[key].length !== action.dim) {
      return `'action.${key}' expected ${action.dim} values (action.dim), got ${action[key].length}`;
    }
  }
  if (!graphs.action !== !graphs.window)
    return "'graphs.action' and 'graphs.window' come together or not at all";
  return contradictionInMetric(metric, graphs) ?? contradictionInCalibration(calibration, metric, graphs);
}

function contradictionInMetric(
  metric: ModelManifest['metric'],
  graphs: ModelManifest['graphs'],
): string | null {
  if (metric && !graphs.metric) return `'metric' is '${metric.kind}', but 'graphs.metric' is missing`;
  if (!metric && (graphs.metric ?? graphs.metricGoal)) return "'graphs' has a metric, but 'metric' is null";
  if (metric?.kind === 'product' && !metric.directed)
    return "'metric' is 'product', which is always directed, but 'metric.directed' is false";
  const needsGoal = metric?.directed && metric.kind !== 'pair';
  if (needsGoal && !graphs.metricGoal)
    return `'metric' is a directed ${metric.kind}, but 'graphs.metricGoal' is missing`;
  if (!needsGoal && graphs.metricGoal)
    return "'graphs.metricGoal' is for a directed embedding or a product only";
  return null;
}

function contradictionInCalibration(
  calibration: ModelManifest['calibration'],
  metric: ModelManifest['metric'],
  graphs: ModelManifest['graphs'],
): string | null {
  if (calibration?.disagreement && !graphs.ensemble)
    return "'calibration.disagreement' is given, but 'graphs.ensemble' is missing";
  if (calibration?.reached && !metric) return "'calibration.reached' is given, but 'metric' is null";
  return null;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new JepilotError('bad-model', `${path} is not JSON: ${reasonOf(cause)}`, { cause });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new JepilotError('io', `a model needs ${path}: ${reasonOf(cause)}`, { cause });
  }
}

const short = (sha256: string): string => `${sha256.slice(0, 12)}…`;

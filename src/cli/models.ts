import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JepilotError } from '../errors.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import { readManifest } from '../world-model/model-files.ts';
import { packageRoot } from './version.ts';

/** A model folder that is shipped. */
export interface ShippedModel {
  readonly name: string;
  readonly folder: string;
  readonly manifest: ModelManifest;
}

/** Every folder of `models/` that has a manifest. */
export async function shippedModels(root = join(packageRoot, 'models')): Promise<ShippedModel[]> {
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'manifest.json')))
    .map((entry) => ({ name: entry.name, folder: join(root, entry.name) }));
  return Promise.all(
    folders.map(async (model) => ({ ...model, manifest: await readManifest(model.folder) })),
  );
}

/** The folder of a model: a shipped one by name, any folder by its path, or the shipped one of a task. */
export async function modelFolder(task: string, nameOrPath: string | undefined): Promise<string> {
  const path = nameOrPath === undefined ? undefined : resolve(nameOrPath);
  if (path !== undefined && existsSync(join(path, 'manifest.json'))) return path;
  const shipped = await shippedModels();
  const wanted = nameOrPath ?? task;
  const found =
    shipped.find((model) => model.name === wanted) ??
    (nameOrPath === undefined ? shipped.find((model) => model.manifest.task === task) : undefined);
  if (found) return found.folder;
  const known = shipped.map((model) => model.name).join(', ') || 'none';
  throw new JepilotError(
    'unknown-name',
    nameOrPath === undefined
      ? `no model is shipped for task '${task}'; name a folder with --model`
      : `no model '${nameOrPath}': neither shipped (${known}) nor a folder with a manifest.json`,
  );
}

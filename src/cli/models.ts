import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JepilotError } from '../errors.ts';
import { ModelManifest } from '../world-model/manifest.ts';
import { packageRoot } from './version.ts';

/** A model folder that is shipped. */
export interface ShippedModel {
  readonly name: string;
  readonly folder: string;
  readonly manifest: ModelManifest;
}

/** Every folder of `models/` that has a readable manifest. */
export function shippedModels(root = join(packageRoot, 'models')): ShippedModel[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'manifest.json')))
    .map((entry) => {
      const folder = join(root, entry.name);
      const json: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
      return { name: entry.name, folder, manifest: ModelManifest.parse(json) };
    });
}

/** The folder of a model: a shipped one by name, any folder by its path, or the shipped one of a task. */
export function modelFolder(task: string, nameOrPath: string | undefined): string {
  const shipped = shippedModels();
  if (nameOrPath === undefined) {
    const found = shipped.find((model) => model.name === task) ?? shipped.find((model) => model.manifest.task === task);
    if (found) return found.folder;
    throw new JepilotError('unknown-name', `no model is shipped for task '${task}'; name a folder with --model`);
  }
  const named = shipped.find((model) => model.name === nameOrPath);
  if (named) return named.folder;
  const path = resolve(nameOrPath);
  if (existsSync(join(path, 'manifest.json'))) return path;
  const known = shipped.map((model) => model.name).join(', ') || 'none';
  throw new JepilotError('unknown-name', `no model '${nameOrPath}': neither shipped (${known}) nor a folder with a manifest.json`);
}

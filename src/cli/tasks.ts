import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tasks } from '#envs/index.js';
import type { Task } from '../env/task.ts';
import { JepilotError, reasonOf } from '../errors.ts';
import { pick } from '../registry.ts';

/** A shipped task by name, or one of your own by the path of a module whose default export is a Task. */
export async function loadTask(nameOrPath: string): Promise<Task> {
  if (!/[/\\]|\.m?js$/.test(nameOrPath)) return pick('task', tasks, nameOrPath);
  const module = await importModule(nameOrPath);
  if (isTask(module.default)) return module.default;
  throw new JepilotError('bad-file', `${nameOrPath} has no default export that is a Task (name, scene, behaviour, …)`);
}

async function importModule(path: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot load task module ${path}: ${reasonOf(cause)}`, { cause });
  }
}

const isTask = (value: unknown): value is Task =>
  typeof value === 'object' && value !== null && ['name', 'scene', 'behaviour', 'actionSpec', 'tracks'].every((k) => k in value);

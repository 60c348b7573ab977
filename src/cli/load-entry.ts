import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JepilotError, reasonOf } from '../errors.ts';
import { pick, type Named } from '../registry.ts';

/** A kind of thing that a user names: one of a list, or a module of their own. */
export interface EntryKind<T extends Named> {
  readonly kind: string;
  readonly entries: readonly T[];
  /** What the default export of a user's module must have. */
  readonly keys: readonly (keyof T & string)[];
}

export const isPath = (nameOrPath: string): boolean => /[/\\]|\.m?js$/.test(nameOrPath);

/** An entry of the list by its name, or the default export of a module by its path. */
export async function loadEntry<T extends Named>(wanted: EntryKind<T>, nameOrPath: string): Promise<T> {
  if (!isPath(nameOrPath)) return pick(wanted.kind, wanted.entries, nameOrPath);
  const exported = await defaultExport(wanted.kind, nameOrPath);
  const missing = wanted.keys.filter(
    (key) => typeof exported !== 'object' || exported === null || !(key in exported),
  );
  if (missing.length === 0) return exported as T;
  throw new JepilotError(
    'bad-file',
    `the default export of ${nameOrPath} is no ${wanted.kind}: it lacks ${missing.join(', ')}`,
  );
}

async function defaultExport(kind: string, path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot load ${kind} ${path}: ${reasonOf(cause)}`, { cause });
  }
}

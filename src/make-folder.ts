import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { JepilotError, reasonOf } from './errors.ts';

/**
 * Makes a folder and those above it. Step by step, because Node's own `recursive` never returns where the system
 * answers ENOENT for a folder that can't be made (under `/proc`, say). Throws JepilotError('io').
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) mkdirSync(folder);
  } catch (cause) {
    throw new JepilotError('io', `cannot make the folder ${path}: ${reasonOf(cause)}`, { cause });
  }
}

import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { JepilotError, reasonOf } from '../errors.ts';

/** Throws JepilotError('io') where `file` can't be written, before long work has begun. */
export function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new JepilotError('io', `cannot write ${file}: ${reasonOf(cause)}`, { cause });
  }
}

import { JepilotError } from './errors.ts';

/** Anything that a list holds and a user names. */
export interface Named {
  readonly name: string;
}

/** The entry called `name`, or an `unknown-name` error that lists what there is. */
export function pick<T extends Named>(kind: string, entries: readonly T[], name: string): T {
  const found = entries.find((entry) => entry.name === name);
  if (found) return found;
  const known = entries.map((entry) => entry.name).join(', ') || 'none';
  throw new JepilotError('unknown-name', `no ${kind} is called '${name}'; known: ${known}`);
}

import { makeFolder } from '../../make-folder.ts';
import { nanoseconds } from '../../record/feed/message.ts';
import { SessionRecordings } from '../../serve/session-recordings.ts';
import { machine } from '../run/facts.ts';
import { version } from '../version.ts';
import type { NativeSession } from './native-session.ts';

/** Records every episode of a drive to a file of its own in `folder`; null for none. */
export function recordNative(
  { event$, now }: NativeSession,
  folder: string | undefined,
): SessionRecordings | null {
  if (folder === undefined) return null;
  makeFolder(folder);
  return new SessionRecordings(event$, {
    folder,
    version,
    command: `jepilot ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    now,
    base: nanoseconds(BigInt(Date.now()) * 1_000_000n, -now()),
    onTrouble: (sentence) => void process.stderr.write(`note: ${sentence}\n`),
  });
}

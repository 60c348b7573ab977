import type { Observable } from 'rxjs';
import { makeFolder } from '../make-folder.ts';
import { nanoseconds } from '../record/feed/message.ts';
import type { StampedEvent } from '../serve/events.ts';
import { SessionRecordings } from '../serve/session-recordings.ts';
import { machine } from './run/facts.ts';
import { version } from './version.ts';

/** Records every episode of every session to a file of its own in `folder`; null for none. `now`: seconds, as the events have. */
export function recordSessions(
  { event$, now }: { readonly event$: Observable<StampedEvent>; readonly now: () => number },
  folder: string | null,
): SessionRecordings | null {
  if (folder === null) return null;
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

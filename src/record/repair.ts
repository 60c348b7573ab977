import { existsSync } from 'node:fs';
import { JepilotError } from '../errors.ts';
import type { ByteSink } from './mcap/byte-sink.ts';
import { McapLog } from './mcap/mcap-log.ts';
import { scanMcap, type Condition } from './mcap/scan.ts';

export interface Repaired {
  readonly condition: Condition;
  readonly messages: number;
  /** Had a metadata record `result`: its run had ended. */
  readonly ended: boolean;
  /** Seconds from the first message to the last. */
  readonly seconds: number;
}

/**
 * Writes what is whole in the file `from` to a new, whole file, with a metadata record `repair` that tells what was lost.
 * `to` is the open end of that file. Throws JepilotError('bad-file') where nothing can be saved.
 */
export async function repairRecording(from: string, to: ByteSink, library: string): Promise<Repaired> {
  const log = new McapLog(to);
  await log.start(library);
  let messages = 0;
  let ended = false;
  let [first, last] = [0n, 0n];
  let condition: Condition = { whole: false, cutBytes: 0, damagedChunks: 0 };
  for await (const item of scanMcap(from)) {
    if (item.kind === 'end') ({ condition } = item);
    if (item.kind === 'metadata') {
      ended ||= item.name === 'result';
      await log.metadata(item.name, item.facts);
    }
    if (item.kind === 'message') {
      const { logTime } = item.message;
      if (messages === 0) first = logTime;
      last = logTime > last ? logTime : last;
      messages += 1;
      await log.message(item.message);
      if (log.open > 512 * 1024) await log.flush();
    }
  }
  if (messages === 0)
    throw new JepilotError('bad-file', `${from} holds no whole message: there is nothing to save`);
  const { cutBytes, damagedChunks } = condition;
  const loss = {
    cutBytes: String(cutBytes),
    damagedChunks: String(damagedChunks),
    messages: String(messages),
  };
  await log.metadata('repair', new Map(Object.entries(loss)));
  await log.end();
  await to.sync();
  return { condition, messages, ended, seconds: Number(last - first) / 1e9 };
}

/** `run.mcap` → `run.repaired.mcap`, unless that exists. */
export function repairedPath(path: string): string {
  const made = path.replace(/(\.mcap)?$/, '.repaired.mcap');
  if (!existsSync(made)) return made;
  throw new JepilotError('io', `${made} exists; name another file with --out`);
}

import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JepilotError, reasonOf } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { toJson } from './json-lines.ts';
import { renderReport } from './report/report.ts';
import type { Json, RunRecord } from './run-record.ts';

/** Writes a whole file or none: under another name first, then renamed. Throws JepilotError('io'). */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new JepilotError('io', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** The name of a run's folder: `2026-03-01T12-30-05-two-room-seed3`. `started` is an ISO 8601 time. */
export const runId = (started: string, task: string, seed: number): string =>
  `${started.slice(0, 19).replaceAll(':', '-')}-${task}-seed${seed}`;

function openFolder(path: string): void {
  makeFolder(path);
  let present: string[];
  try {
    present = readdirSync(path);
  } catch (cause) {
    throw new JepilotError('io', `cannot use the run folder ${path}: ${reasonOf(cause)}`, { cause });
  }
  if (present.length > 0) {
    throw new JepilotError(
      'io',
      `run folder ${path} is not empty; name a new one, so that no run is overwritten`,
    );
  }
}

/**
 * What a run leaves on disk beside its recording: `config.json` at once, `result.json` and `report.html` at the end. A run that is
 * cut short keeps the first.
 */
export class RunFolder {
  readonly path: string;

  /** Makes the folder and writes the configuration. Throws JepilotError('io') before anything has moved. */
  constructor(path: string, config: Json) {
    openFolder(path);
    this.path = path;
    writeWhole(join(path, 'config.json'), `${toJson(config, 2)}\n`);
  }

  /** Where the run is recorded unless somebody names another place. */
  get recording(): string {
    return join(this.path, 'run.mcap');
  }

  /** Writes result and report. Throws JepilotError('io') where it can't. */
  finish(run: RunRecord): void {
    writeWhole(join(this.path, 'result.json'), `${toJson(run.result, 2)}\n`);
    writeWhole(join(this.path, 'report.html'), renderReport(run));
  }
}

import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { JepilotError, reasonOf } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { canonicalJson } from '../spec.ts';
import type { CollectionSpec, EpisodeRows } from './record-episode.ts';

/**
 * Finished episodes of a collection under way: one file each, in a folder beside the final file. HDF5 does not survive
 * a crash in mid-write; a rename does. So a kill loses the episodes in progress and no finished one.
 */
export class Parts {
  readonly folder: string;

  constructor(out: string) {
    this.folder = `${out}.parts`;
  }

  /** Opens or creates the folder for `spec`; refuses one that belongs to another collection. */
  open(spec: CollectionSpec): void {
    const file = join(this.folder, 'collection.json');
    const mine = canonicalJson(spec);
    makeFolder(this.folder);
    try {
      if (!existsSync(file)) writeFileSync(file, mine);
    } catch (cause) {
      throw new JepilotError('io', `cannot write to ${this.folder}: ${reasonOf(cause)}`, { cause });
    }
    const theirs = readFileSync(file, 'utf8');
    if (theirs === mine) return;
    throw new JepilotError(
      'bad-state',
      `${this.folder} holds another collection (${theirs}); remove it or choose another --out`,
    );
  }

  /** Indices of the episodes that are finished. */
  finished(): Set<number> {
    const names = readdirSync(this.folder).filter((name) => /^\d+\.part$/.test(name));
    return new Set(names.map((name) => Number.parseInt(name, 10)));
  }

  write(index: number, rows: EpisodeRows): void {
    const path = this.#path(index);
    writeFileSync(`${path}.tmp`, deflateRawSync(serialize(rows), { level: 1 }));
    renameSync(`${path}.tmp`, path);
  }

  read(index: number): EpisodeRows {
    try {
      return deserialize(inflateRawSync(readFileSync(this.#path(index)))) as EpisodeRows;
    } catch (cause) {
      throw new JepilotError(
        'bad-file',
        `${this.#path(index)} is damaged (${reasonOf(cause)}); delete it and rerun`,
        {
          cause,
        },
      );
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(index: number): string {
    return join(this.folder, `${index.toString().padStart(7, '0')}.part`);
  }
}

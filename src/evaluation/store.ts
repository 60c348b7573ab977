import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { JepilotError, reasonOf } from '../errors.ts';

/** What a file held when it was opened. */
export interface Kept<T> {
  readonly records: readonly T[];
  /** Bytes behind the last whole record that were cut off; 0 for a sound file. */
  readonly cut: number;
}

interface Keyed {
  /** Names the record: a second one of the same name is the same fact, told twice. */
  readonly id: string;
}

/**
 * Reads the whole records of a file of JSON lines: one ends with its line break, so a line without one, or one that is
 * no JSON, was cut by a crash or a full disk, and so is all that follows. Returns how many bytes are sound.
 */
export function readRecords<T extends Keyed>(text: Buffer): { records: T[]; sound: number } {
  const records = new Map<string, T>();
  let sound = 0;
  for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, sound)) {
    try {
      const record = JSON.parse(text.toString('utf8', sound, end)) as T;
      if (!records.has(record.id)) records.set(record.id, record);
    } catch {
      break;
    }
    sound = end + 1;
  }
  return { records: [...records.values()], sound };
}

/**
 * Records that are appended one by one, each with one write, so that a kill at any time costs at most the record in
 * hand. Opening repairs a file that was cut in mid-record. One process at a time.
 */
export class RecordStore<T extends Keyed> implements Disposable {
  readonly path: string;
  readonly kept: Kept<T>;
  readonly #known: Map<string, T>;
  readonly #file: number;
  #size: number;
  #open = true;

  /** Throws JepilotError('io') when the file can be neither read nor made. */
  constructor(path: string) {
    this.path = path;
    try {
      const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
      const { records, sound } = readRecords<T>(text);
      if (sound < text.length) truncateSync(path, sound);
      this.kept = { records, cut: text.length - sound };
      this.#known = new Map(records.map((record) => [record.id, record]));
      this.#size = sound;
      this.#file = openSync(path, 'a');
    } catch (cause) {
      throw new JepilotError('io', `cannot open ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  get records(): readonly T[] {
    return [...this.#known.values()];
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  get(id: string): T | undefined {
    return this.#known.get(id);
  }

  /**
   * Appends a record unless one of its name is there: false then. Throws JepilotError('io') on a full disk, with the file
   * cut back to its whole records.
   */
  append(record: T): boolean {
    if (this.#known.has(record.id)) return false;
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.#file, line, at);
    } catch (cause) {
      this.#cut();
      throw new JepilotError(
        'io',
        `cannot write ${this.path}: ${reasonOf(cause)}; ${this.#known.size} records are kept: make room and run the same command again`,
        { cause },
      );
    }
    this.#size += line.length;
    this.#known.set(record.id, record);
    return true;
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }

  #cut(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // The next opening repairs what could not be cut now.
    }
  }
}

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Tensor } from '../tensor.ts';

/** Bytes of finished lines that may wait for the disk. */
const BUFFER_BYTES = 4096;

/** The shortest decimal that is the same float32: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** The numbers of a float32 array, each by the shortest decimal that reads back as the same float32. */
export const exact = (values: Float32Array): number[] => Array.from(values, shortest);

function plain(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Float32Array) return exact(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array);
  return value;
}

/**
 * JSON that loses no number: those that JSON has no word for are written as the strings `"NaN"`, `"Infinity"` and
 * `"-Infinity"`, and typed arrays as lists.
 */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, entry: unknown) => plain(entry), indent);

/** The rows of a tensor [rows, …] as lists. */
export function rowsOf(tensor: Tensor): Float32Array[] {
  const rows = tensor.shape[0] ?? 0;
  const width = tensor.data.length / Math.max(1, rows);
  return Array.from({ length: rows }, (_, i) => tensor.data.subarray(i * width, (i + 1) * width));
}

/**
 * Writes one JSON value a line to a new file. Lines wait in a buffer of 4 KiB and leave it whole, so that a crash
 * costs the last few lines and never half a one.
 *
 * A full disk stops no robot: `write` never throws. The first failure cuts the file after its last whole line, later
 * lines are dropped, and `close` throws JepilotError('io') that says so.
 */
export class JsonLines implements Disposable {
  readonly path: string;
  readonly #file: number;
  #waiting = '';
  #written = 0;
  #dropped = 0;
  #failure: unknown = undefined;
  #open = true;

  /** Throws JepilotError('io') when the file cannot be made. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#file = openSync(path, 'w');
    } catch (cause) {
      throw new JepilotError('io', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  write(value: unknown): void {
    if (!this.#open || this.#failure !== undefined) {
      this.#dropped++;
      return;
    }
    this.#waiting += `${toJson(value)}\n`;
    if (this.#waiting.length >= BUFFER_BYTES) this.flush();
  }

  /** Hands all finished lines to the operating system. */
  flush(): void {
    if (!this.#open || this.#failure !== undefined || this.#waiting === '') return;
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
      this.#written += bytes.length;
    } catch (cause) {
      this.#failure = cause;
      this.#cut();
    }
  }

  /** Flushes and closes; once is enough. Throws JepilotError('io') when lines were lost. */
  close(): void {
    if (!this.#open) return;
    this.flush();
    this.#open = false;
    closeSync(this.#file);
    if (this.#failure !== undefined) {
      throw new JepilotError(
        'io',
        `cannot write ${this.path}: ${reasonOf(this.#failure)}; ${this.#dropped} later lines are lost`,
        { cause: this.#failure },
      );
    }
  }

  [Symbol.dispose](): void {
    try {
      this.close();
    } catch {
      // Whoever wants to know of lost lines calls `close`; unwinding must not hide the error that began it.
    }
  }

  #cut(): void {
    try {
      ftruncateSync(this.#file, this.#written);
    } catch {
      // The disk has failed twice; `close` tells of the first time.
    }
  }
}

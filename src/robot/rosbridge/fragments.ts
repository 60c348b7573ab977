import { LARGEST_FRAME, type FragmentFrame } from './frames.ts';

/** Messages that may be in pieces at once. */
const MOST_OPEN = 8;

interface Pieces {
  readonly total: number;
  readonly parts: Map<number, string>;
  readonly began: number;
  length: number;
}

/** Puts messages together that a server sent in pieces; bounded in number, size and time. */
export class Fragments {
  readonly #open = new Map<string, Pieces>();
  readonly #timeout: number;
  /** Messages given up. */
  lost = 0;

  /** @param timeout - seconds that a message may take to arrive */
  constructor(timeout = 5) {
    this.#timeout = timeout;
  }

  /** The whole message once its last piece is there; null before. Pieces may come in any order, and twice. */
  take({ id, data, num, total }: FragmentFrame, now: number): string | null {
    this.#forget(now);
    const pieces = this.#open.get(id) ?? this.#begin(id, total, now);
    if (pieces.total !== total || num >= total) return this.#drop(id);
    if (!pieces.parts.has(num)) pieces.length += data.length;
    if (pieces.length > LARGEST_FRAME) return this.#drop(id);
    pieces.parts.set(num, data);
    if (pieces.parts.size < total) return null;
    this.#open.delete(id);
    return Array.from({ length: total }, (_, i) => pieces.parts.get(i) ?? '').join('');
  }

  #begin(id: string, total: number, now: number): Pieces {
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MOST_OPEN && oldest !== undefined) this.#drop(oldest);
    const pieces = { total, parts: new Map<number, string>(), began: now, length: 0 };
    this.#open.set(id, pieces);
    return pieces;
  }

  #forget(now: number): void {
    for (const [id, { began }] of this.#open) if (now - began > this.#timeout) this.#drop(id);
  }

  #drop(id: string): null {
    this.#open.delete(id);
    this.lost += 1;
    return null;
  }
}

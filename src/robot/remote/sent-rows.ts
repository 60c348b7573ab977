import { tensor, type Tensor } from '../../tensor.ts';

/** Rows that an observation carries at most. */
const HISTORY = 64;

/** The latest rows that were really sent: more than a request's own, for the request before it may have been lost. */
export class SentRows {
  /** Control step of the first row. */
  #start = 0;
  #rows: readonly Float32Array[] = [];

  /** Takes in the rows [n, a] sent just before `step`, and returns all that are known without a gap before it. */
  before(step: number, executed: Tensor): Tensor {
    const [count = 0, dim = 0] = executed.shape;
    const known = this.#start + this.#rows.length === step - count ? this.#rows : [];
    const fresh = Array.from({ length: count }, (_, i) => executed.data.slice(i * dim, (i + 1) * dim));
    this.#rows = [...known, ...fresh].slice(-HISTORY);
    this.#start = step - this.#rows.length;
    const all = new Float32Array(this.#rows.length * dim);
    this.#rows.forEach((row, i) => all.set(row, i * dim));
    return tensor([this.#rows.length, dim], all);
  }
}

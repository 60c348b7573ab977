import { episodeId, type CellRequest, type PlannedCell } from '../../evaluation/cell.ts';
import type { LostEpisode } from '../../evaluation/episode-line.ts';
import { situationId } from '../../evaluation/situation.ts';
import type { QueueOverhead } from '../../evaluation/timings-file.ts';
import { JepilotError } from '../../errors.ts';
import type { Progress } from '../progress.ts';
import type { Lost, OpenBackend } from './backend.ts';
import type { SuiteFolder } from './folder.ts';
import type { Order, Outcome } from './orders.ts';

/** Pictures of the way that an episode keeps, start and end among them. */
const PICTURES = 6;

/** Lost orders in a row after which going on would only cost time. */
const MOST_LOST = 10;

export interface SessionOptions {
  readonly folder: SuiteFolder;
  readonly open: OpenBackend;
  readonly signal: AbortSignal;
  readonly bar: (label: string, total: number, done: number) => Progress;
  /** What the bar says beside the count, after an episode of this cell. */
  readonly note: (cell: string) => string;
}

const seedsOf = ({ seed, episodes }: PlannedCell): number[] =>
  Array.from({ length: episodes }, (_, i) => seed + i);

/** Drawing needs task and track alone. */
const drawRequest = ({ task, track, variation, provider, threads }: CellRequest): CellRequest => ({
  task,
  track,
  variation,
  planner: 'zero',
  overrides: {},
  latency: 0,
  provider,
  threads,
  toEnd: false,
});

/** Draws and plays what is missing in a folder. What is there is never played again. */
export class Session {
  readonly #options: SessionOptions;
  readonly lost: LostEpisode[] = [];
  /** What the queue cost, where one was used. */
  overhead: QueueOverhead | null = null;
  #lostInRow = 0;
  #bar: Progress | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Draws what the manifest lacks, then plays the episodes that each cell lacks, cell by cell. */
  async play(cells: readonly PlannedCell[]): Promise<void> {
    const { folder } = this.#options;
    await this.#carryOut('manifest', this.#draws(cells), folder.situations.kept.records.length);
    if (this.#options.signal.aborted) return;
    const wanted = cells.flatMap((cell) => seedsOf(cell).map((seed) => ({ cell, seed })));
    const missing = wanted.filter(({ cell, seed }) => !folder.episodes.has(episodeId(cell.id, seed)));
    const orders = missing.map(({ cell, seed }) => this.#playOrder(cell, seed));
    await this.#carryOut('eval', orders, wanted.length - missing.length);
  }

  #draws(cells: readonly PlannedCell[]): Order[] {
    const { folder } = this.#options;
    const orders = new Map<string, Order>();
    for (const { cell, request, ...planned } of cells) {
      for (const seed of seedsOf({ cell, request, ...planned })) {
        const id = situationId(cell, seed);
        if (folder.situations.has(id)) continue;
        orders.set(id, { kind: 'draw', request: drawRequest(request), seed });
      }
    }
    return [...orders.values()];
  }

  #playOrder({ id, cell, request }: PlannedCell, seed: number): Order {
    const situation = this.#options.folder.situations.get(situationId(cell, seed));
    if (!situation)
      throw new JepilotError('bad-state', `the manifest has no episode ${seed} of '${cell.task}'`);
    return { kind: 'play', request, cell: id, seed, expected: situation.hash, pictures: PICTURES };
  }

  async #carryOut(label: string, orders: readonly Order[], done: number): Promise<void> {
    if (orders.length === 0) return;
    const { open, signal, bar } = this.#options;
    this.#bar = bar(label, done + orders.length, done);
    try {
      await using backend = await open({
        signal,
        onOutcome: (_order, outcome) => this.#note(outcome),
        onLost: (lost) => this.#lose(lost),
      });
      await backend.run(orders);
      if (label === 'eval') this.overhead = backend.overhead ?? null;
    } finally {
      this.#bar.stop();
    }
  }

  #note(outcome: Outcome): void {
    this.#options.folder.keep(outcome);
    this.#lostInRow = 0;
    this.#bar?.advance(outcome.kind === 'play' ? this.#options.note(outcome.line.cell) : '');
  }

  #lose({ order, reason }: Lost): void {
    if (order.kind === 'draw') throw new JepilotError('bad-state', reason);
    this.lost.push({ cell: order.cell, seed: order.seed, reason });
    this.#bar?.advance(`episode ${order.seed} was lost: ${reason}`);
    if (++this.#lostInRow < MOST_LOST) return;
    throw new JepilotError('bad-state', `${MOST_LOST} episodes in a row could not be played: ${reason}`);
  }
}

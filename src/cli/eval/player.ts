import type { Environment } from '../../env/environment.ts';
import type { Image } from '../../env/observation.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import { cellId, episodeId, type CellRequest } from '../../evaluation/cell.ts';
import { playEpisode } from '../../evaluation/episode.ts';
import { noteSituation } from '../../evaluation/situation.ts';
import { JepilotError } from '../../errors.ts';
import { encodePng } from '../../record/png.ts';
import { canonicalJson } from '../../spec.ts';
import { openHere, type OpenPlanning } from '../planning.ts';
import type { Order, Outcome } from './orders.ts';
import { referenceSteps } from './reference.ts';
import { settleCell, type SettledCell } from './settle.ts';
import { sideBySide } from './strip.ts';

/** A cell that is ready to be played. */
interface OpenCell extends AsyncDisposable {
  readonly settled: SettledCell;
  readonly environment: Environment;
  readonly planning: OpenPlanning;
}

/** Cells that stay open: a suite comes back to them when it plays in rounds. */
const MOST_OPEN = 4;

async function openCell(request: CellRequest): Promise<OpenCell> {
  const settled = await settleCell(request);
  const { task, choice } = settled;
  const { planner, model, overrides, provider, threads, policy, precision } = request;
  const environment = await mujocoEnvironment(task);
  try {
    const named = {
      ...{ planner, model, overrides, provider, threads },
      ...(policy !== undefined && { policy }),
      ...(precision !== undefined && { precision }),
    };
    const planning = await openHere(task, named, choice);
    return {
      settled,
      environment,
      planning,
      async [Symbol.asyncDispose]() {
        await planning[Symbol.asyncDispose]();
        environment[Symbol.dispose]();
      },
    };
  } catch (error) {
    environment[Symbol.dispose]();
    throw error;
  }
}

/** Opening failed, so no order of this cell can be carried out. */
export class OpeningError extends Error {
  override readonly name = 'OpeningError';
}

/** Carries out orders one after another, and keeps the latest cells open. */
export class Player implements AsyncDisposable {
  readonly #open = new Map<string, OpenCell>();

  async carryOut(order: Order): Promise<Outcome> {
    const open = await this.#cell(order.request);
    return order.kind === 'draw' ? draw(open, order.seed) : play(open, order);
  }

  async #cell(request: CellRequest): Promise<OpenCell> {
    const key = canonicalJson(request);
    const known = this.#open.get(key);
    if (known) return known;
    const [oldest] = this.#open;
    if (oldest && this.#open.size >= MOST_OPEN) {
      this.#open.delete(oldest[0]);
      await oldest[1][Symbol.asyncDispose]();
    }
    try {
      const open = await openCell(request);
      this.#open.set(key, open);
      return open;
    } catch (cause) {
      throw new OpeningError('the cell cannot be opened', { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const open of this.#open.values()) await open[Symbol.asyncDispose]();
    this.#open.clear();
  }
}

async function draw({ environment, settled: { cell, task } }: OpenCell, seed: number): Promise<Outcome> {
  const first = environment.reset({ seed, track: cell.track.name, variation: cell.variation });
  const noted = noteSituation(environment, first, cell, seed);
  const reference = await referenceSteps(task, environment, cell, seed);
  return { kind: 'draw', situation: { ...noted, reference } };
}

const base64 = (image: Image): string => Buffer.from(encodePng(image)).toString('base64');

async function play(open: OpenCell, order: Extract<Order, { kind: 'play' }>): Promise<Outcome> {
  const { environment, planning, settled } = open;
  const { seed, expected, pictures: wanted } = order;
  if (settled.id !== order.cell) {
    throw new JepilotError(
      'bad-state',
      `cell ${order.cell} of task '${settled.cell.task}' is ${cellId(settled.cell)} here: another version or model`,
    );
  }
  const began = performance.now();
  const { record, pictures, goal } = await playEpisode(environment, planning.policy, {
    cell: settled.cell,
    seed,
    expected,
    pictures: wanted,
  });
  const shown = goal && pictures.length > 0;
  const files = shown ? { goal: base64(goal), way: base64(sideBySide(pictures)) } : null;
  const playMs = performance.now() - began;
  const line = { id: episodeId(order.cell, seed), cell: order.cell, ...record, playMs };
  return { kind: 'play', line, pictures: files };
}

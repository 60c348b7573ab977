import type { Rng } from '#src/rng.js';
import type { ActionSpec } from '#src/spec.js';
import { tensor, type Tensor } from '#src/tensor.js';
import type { WorldModel } from '#src/world-model/world-model.js';
import { movesOf } from './moves.ts';

/** How to grow a tree of imagined latents. Lengths are in strides: what a free move of one model step changes in a latent. */
export interface TreeConfig {
  /** Nodes grown at once: one run of the model for all their moves. */
  readonly batch: number;
  /** Nodes at most. */
  readonly nodes: number;
  /** Moves tried from a node where axes and diagonals are more than that. */
  readonly moves: number;
  /** A latent this near to one that is in the tree is the same place. */
  readonly apart: number;
  /** A latent this near to the goal's is the goal. */
  readonly near: number;
  /** Weight of the estimated time to go against the steps so far; 0 is breadth first, and finds a shortest way. */
  readonly greed: number;
}

/** A way through imagined latents. */
export interface Way {
  /** From the present to the last place, [L+1, D]. */
  readonly latents: Tensor;
  /** Raw model actions between them, [L, f·a]. */
  readonly actions: Tensor;
  /** It ends at the goal, and not just where the tree came nearest to it. */
  readonly reached: boolean;
  /** Length of a stride in latent space. */
  readonly stride: number;
  readonly evaluations: number;
}

/** Where a tree starts and what it may use. */
export interface TreeProblem {
  readonly model: WorldModel;
  readonly actionSpec: ActionSpec;
  /** [1, D] both. */
  readonly latent: Tensor;
  readonly goal: Tensor;
  readonly rng: Rng;
  readonly now: () => number;
  /** When to stop growing and make do with what there is. */
  readonly deadline: number;
}

interface Node {
  readonly latent: Float32Array;
  readonly parent: number;
  /** What led here from the parent. */
  readonly action: Float32Array;
  readonly depth: number;
  /** Estimated model steps from it to the goal. */
  readonly left: number;
}

/** The nodes so far, and which of them have not been grown. */
class Tree {
  readonly #config: TreeConfig;
  readonly #nodes: Node[] = [];
  readonly #open = new Set<number>();
  #nearest = 0;
  stride = 0;

  constructor(config: TreeConfig) {
    this.#config = config;
  }

  get isFull(): boolean {
    return this.#nodes.length >= this.#config.nodes;
  }

  node(id: number): Node {
    return this.#nodes[id]!;
  }

  /** Whether nothing in the tree is at the same place. */
  isNew(latent: Float32Array): boolean {
    const limit = this.#config.apart * this.stride;
    return this.#nodes.every((node) => distance(node.latent, latent) > limit);
  }

  add(node: Node): void {
    const id = this.#nodes.push(node) - 1;
    this.#open.add(id);
    if (node.left < this.node(this.#nearest).left) this.#nearest = id;
  }

  /** Takes the most promising nodes whose moves have not been tried. */
  take(): number[] {
    const worth = (id: number): number => this.node(id).depth + this.#config.greed * this.node(id).left;
    const taken = [...this.#open].sort((a, b) => worth(a) - worth(b)).slice(0, this.#config.batch);
    for (const id of taken) this.#open.delete(id);
    return taken;
  }

  /** From the root to a node; by default to the one nearest to the goal. */
  way(last: Node = this.node(this.#nearest)): Pick<Way, 'latents' | 'actions' | 'stride'> {
    const way = [last];
    while (way[0]!.parent >= 0) way.unshift(this.node(way[0]!.parent));
    const actions = way.slice(1).map(({ action }) => action);
    return { latents: stack(way.map(({ latent }) => latent)), actions: stack(actions), stride: this.stride };
  }
}

/**
 * Grows a tree of imagined latents from `latent` until it is at `goal`: best first by steps so far plus estimated steps
 * left, several nodes at once, and no place twice, so that walls end its branches and what lies behind them is found by
 * the ways around. As sampling planners do in configuration space (LaValle 1998, RRT), with the world model for a
 * simulator and latent distance for a ruler, which only has to tell neighbours apart.
 */
export async function imaginedWay(
  config: TreeConfig,
  { model, actionSpec, latent, goal, rng, now, deadline }: TreeProblem,
): Promise<Way> {
  const moves = movesOf(actionSpec, model.manifest.action.repeat, config.moves, rng);
  const [here, target] = [Float32Array.from(latent.data), goal.data];
  const tree = new Tree(config);
  const leftOf = async (latents: readonly Float32Array[]): Promise<ArrayLike<number>> =>
    (await model.timeToGo(stack(latents), stack(latents.map(() => target)))) ??
    latents.map((z) => distance(z, target) / (tree.stride || 1));

  const [left = 0] = Array.from(await leftOf([here]));
  tree.add({ latent: here, parent: -1, action: new Float32Array(), depth: 0, left });
  let evaluations = 0;
  do {
    const tried = tree.take().flatMap((parent) => moves.map((action) => ({ parent, action })));
    if (tried.length === 0) break;
    const from = stack(tried.map(({ parent }) => tree.node(parent).latent));
    const next = rowsOf(await model.predict(from, stack(tried.map(({ action }) => action))));
    evaluations += tried.length;
    tree.stride ||= upperQuartile(next.map((z) => distance(z, here)));
    const lefts = await leftOf(next);
    for (const [i, z] of next.entries()) {
      const { parent, action } = tried[i]!;
      const child = { latent: z, parent, action, depth: tree.node(parent).depth + 1, left: lefts[i]! };
      if (distance(z, target) <= config.near * tree.stride)
        return { ...tree.way(child), reached: true, evaluations };
      if (tree.isNew(z)) tree.add(child);
    }
  } while (!tree.isFull && now() < deadline);
  return { ...tree.way(), reached: false, evaluations };
}

export function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

const rowsOf = ({ data, shape: [, width = 1] }: Tensor): Float32Array[] =>
  Array.from({ length: data.length / width }, (_, n) => data.subarray(n * width, (n + 1) * width));

function stack(rows: readonly Float32Array[]): Tensor {
  const width = rows[0]?.length ?? 1;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, n) => data.set(row, n * width));
  return tensor([rows.length, width], data);
}

function upperQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(0.75 * sorted.length)] ?? 0;
}

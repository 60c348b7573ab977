import { PUSHER_REACH, type Layout } from './scene.ts';
import { distanceTo, normalAt, toBlock, toWorld, turned, type Point, type Shape } from './shape.ts';

/** Metres that a way around the T keeps from it, beside the pusher's radius. */
export const GAP = 0.022;
const SAMPLE = 0.012;

/** Where to go next, and how long the whole way is. */
export interface Way {
  readonly next: Point;
  readonly length: number;
  /** True when `next` is where the way leads. */
  readonly last: boolean;
}

/**
 * The shortest way of the pusher to a point of the world around the T, by way of the T's corners (a visibility graph).
 * A pusher that touches the T first backs off. Undefined where there is none.
 */
export function wayTo(layout: Layout, to: Point, radius: number, shape: Shape): Way | undefined {
  const from = toBlock(layout.block, layout.pusher);
  const target = toBlock(layout.block, to);
  const clear = radius + 0.4 * GAP;
  if (distanceTo(shape, from) < clear) return backOff(layout, from, target, radius, shape);
  const nodes = [from, target, ...corners(layout, radius, shape)];
  const came = shortest(nodes, (a, b) => free(a, b, clear, shape));
  if (!came) return undefined;
  const next = nodes[came.second]!;
  return { next: toWorld(layout.block, next), length: came.length, last: came.second === 1 };
}

function backOff(layout: Layout, from: Point, target: Point, radius: number, shape: Shape): Way {
  const n = turned(layout.block.angle, normalAt(shape, from));
  const out = radius + GAP - distanceTo(shape, from);
  const step = Math.max(0.03, out);
  const next: Point = [layout.pusher[0] + step * n[0], layout.pusher[1] + step * n[1]];
  const rest = Math.hypot(target[0] - from[0], target[1] - from[1]);
  return { next, length: step + rest, last: false };
}

/** Points off the T's six outer corners that the pusher can stand on, in the T's frame. */
function corners(layout: Layout, radius: number, { bar, stem }: Shape): Point[] {
  const off = radius + GAP;
  const all = [-1, 1].flatMap((side): Point[] => [
    [side * (bar.halfX + off), bar.y + bar.halfY + off],
    [side * (bar.halfX + off), bar.y - bar.halfY - off],
    [side * (stem.halfX + off), stem.y - stem.halfY - off],
  ]);
  return all.filter((p) => onTable(toWorld(layout.block, p)));
}

/** Whether the pusher can stand there. */
export const onTable = ([x, y]: Point): boolean => Math.abs(x) <= PUSHER_REACH && Math.abs(y) <= PUSHER_REACH;

/** Whether a disc can travel straight from a to b, both in the T's frame, and stay `clear` of the T. */
function free(a: Point, b: Point, clear: number, shape: Shape): boolean {
  const steps = Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / SAMPLE);
  for (let i = 0; i <= steps; i++) {
    const t = steps === 0 ? 0 : i / steps;
    if (distanceTo(shape, [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]) < clear) return false;
  }
  return true;
}

/** Dijkstra from node 0 to node 1; `second` is the node after the first on the shortest way. */
function shortest(
  nodes: readonly Point[],
  linked: (a: Point, b: Point) => boolean,
): { second: number; length: number } | undefined {
  const length = nodes.map((_, i) => (i === 0 ? 0 : Infinity));
  const second = nodes.map(() => 1);
  const open = new Set(nodes.keys());
  for (;;) {
    let at = -1;
    for (const i of open) if (length[i]! < (at < 0 ? Infinity : length[at]!)) at = i;
    if (at < 0) return undefined;
    if (at === 1) return { second: second[1]!, length: length[1]! };
    open.delete(at);
    for (const i of open) {
      const a = nodes[at]!;
      const b = nodes[i]!;
      const through = length[at]! + Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (through >= length[i]! || !linked(a, b)) continue;
      length[i] = through;
      second[i] = at === 0 ? i : second[at]!;
    }
  }
}

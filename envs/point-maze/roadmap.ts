import { between, HALF, type Point, type Rectangle } from './geometry.ts';

/** Slack for segments that run along a wall, metres. */
const TOUCH = 1e-9;

/** Shortest ways through one maze for a disc that keeps clear of the walls. */
export interface Roadmap {
  /** The corners on the way from `from` to `to`, and then `to`. Straight to it where there is no way, as from in a wall. */
  path(from: Point, to: Point): readonly Point[];
}

/**
 * The visibility graph of the walls' corners, the walls grown by `clearance` (Lozano-Pérez & Wesley 1979), with all
 * shortest paths between them (Floyd–Warshall). Ways are exact, but for corners that are square instead of round.
 */
export function roadmapOf(walls: readonly Rectangle[], clearance: number): Roadmap {
  const blocks = walls.map(({ centre, half }) => ({
    centre,
    half: [half[0] + clearance, half[1] + clearance] as const,
  }));
  const visible = (a: Point, b: Point): boolean => !blocks.some((block) => crosses(block, a, b));
  const corners = cornersOf(blocks);
  const { length, next } = allPairs(corners, visible);
  /** Corners in sight, with their distances. */
  const sight = (p: Point) =>
    corners.flatMap((corner, i) => (visible(p, corner) ? [[i, between(p, corner)] as const] : []));

  return {
    path(from, to) {
      const a = clear(blocks, from);
      const b = clear(blocks, to);
      if (visible(a, b)) return [to];
      let best = Infinity;
      let ends: readonly [number, number] | undefined;
      const last = sight(b);
      for (const [i, toFirst] of sight(a)) {
        for (const [j, fromLast] of last) {
          const total = toFirst + (length[i]?.[j] ?? Infinity) + fromLast;
          if (total >= best) continue;
          best = total;
          ends = [i, j];
        }
      }
      return ends ? [...follow(corners, next, ends), to] : [to];
    },
  };
}

/** Length of a way that begins at `from`, metres. */
export function lengthOf(from: Point, path: readonly Point[]): number {
  return path.reduce((sum, point, i) => sum + between(path[i - 1] ?? from, point), 0);
}

/** Whether the segment from `a` to `b` enters the inside of a rectangle. */
function crosses({ centre, half }: Rectangle, a: Point, b: Point): boolean {
  let enter = 0;
  let leave = 1;
  for (const axis of [0, 1] as const) {
    const low = centre[axis] - half[axis] + TOUCH - a[axis];
    const high = centre[axis] + half[axis] - TOUCH - a[axis];
    const way = b[axis] - a[axis];
    if (Math.abs(way) < TOUCH) {
      if (low >= 0 || high <= 0) return false;
      continue;
    }
    enter = Math.max(enter, Math.min(low / way, high / way));
    leave = Math.min(leave, Math.max(low / way, high / way));
  }
  return enter < leave;
}

/** Corners of the blocks that lie in the arena and in no block, each once. */
function cornersOf(blocks: readonly Rectangle[]): readonly Point[] {
  const found: Point[] = [];
  for (const { centre, half } of blocks) {
    for (const [sx, sy] of [
      [-1, -1],
      [-1, 1],
      [1, -1],
      [1, 1],
    ] as const) {
      const corner: Point = [centre[0] + sx * half[0], centre[1] + sy * half[1]];
      const inside = Math.max(Math.abs(corner[0]), Math.abs(corner[1])) < HALF;
      const known = found.some((other) => between(other, corner) < TOUCH);
      if (inside && !known && !blocks.some((block) => crosses(block, corner, corner))) found.push(corner);
    }
  }
  return found;
}

/** Lengths [n, n] of the shortest ways between corners, and the corner that comes next on each. */
function allPairs(corners: readonly Point[], visible: (a: Point, b: Point) => boolean) {
  const length = corners.map((a) => corners.map((b) => (visible(a, b) ? between(a, b) : Infinity)));
  const next = corners.map(() => corners.map((_, j) => j));
  for (let k = 0; k < corners.length; k++) {
    for (let i = 0; i < corners.length; i++) {
      for (let j = 0; j < corners.length; j++) {
        const by = length[i]![k]! + length[k]![j]!;
        if (by >= length[i]![j]!) continue;
        length[i]![j] = by;
        next[i]![j] = next[i]![k]!;
      }
    }
  }
  return { length, next };
}

function follow(
  corners: readonly Point[],
  next: readonly (readonly number[])[],
  [first, last]: readonly [number, number],
): readonly Point[] {
  const path = [corners[first]!];
  for (let at = first; at !== last;) {
    at = next[at]![last]!;
    path.push(corners[at]!);
  }
  return path;
}

/** The place itself, or the nearest side of the blocks that it lies in: a disc that leans on a wall is a little inside. */
function clear(blocks: readonly Rectangle[], place: Point): Point {
  let [x, y] = place;
  for (const { centre, half } of blocks) {
    const dx = x - centre[0];
    const dy = y - centre[1];
    const deepX = half[0] - Math.abs(dx);
    const deepY = half[1] - Math.abs(dy);
    if (deepX <= 0 || deepY <= 0) continue;
    if (deepX < deepY) x = centre[0] + Math.sign(dx) * half[0];
    else y = centre[1] + Math.sign(dy) * half[1];
  }
  return [x, y];
}

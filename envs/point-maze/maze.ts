import { rngOf } from '#src/rng.js';

/** Cells along each side. */
export const SIZE = 4;
export const CELLS = SIZE * SIZE;
/** Every cell's number. */
export const everyCell: readonly number[] = Array.from({ length: CELLS }, (_, cell) => cell);
/** Chance that a wall which the spanning tree leaves standing is taken away, which makes a loop. */
const LOOP = 0.1;

/**
 * A maze as its cell graph: `links[cell]` lists the neighbours that no wall parts from it, [CELLS]. Cells count from the
 * south-west, eastwards, row by row.
 */
export interface Maze {
  readonly links: readonly (readonly number[])[];
}

/** Cells that share a side with this one. */
export function neighbours(cell: number): readonly number[] {
  const column = cell % SIZE;
  const found: number[] = [];
  if (column > 0) found.push(cell - 1);
  if (column < SIZE - 1) found.push(cell + 1);
  if (cell >= SIZE) found.push(cell - SIZE);
  if (cell < CELLS - SIZE) found.push(cell + SIZE);
  return found;
}

/** Whether one can step from `a` to `b`. */
export const linked = (maze: Maze, a: number, b: number): boolean => maze.links[a]?.includes(b) ?? false;

/**
 * The maze of a layout number: a spanning tree drawn uniformly among all 100,352 (Aldous 1990, Broder 1989: of a random
 * walk, the first step into each cell) with some loops. Equal numbers give equal mazes; two numbers seldom share one.
 */
export function mazeOf(layout: number): Maze {
  const rng = rngOf('maze', layout);
  const links = everyCell.map((): number[] => []);
  const join = (a: number, b: number): void => {
    links[a]?.push(b);
    links[b]?.push(a);
  };
  let cell = rng.integer(CELLS);
  const reached = new Set([cell]);
  while (reached.size < CELLS) {
    const around = neighbours(cell);
    const next = around[rng.integer(around.length)] ?? cell;
    if (!reached.has(next)) join(cell, next);
    reached.add(next);
    cell = next;
  }
  for (const a of everyCell) {
    const walled = neighbours(a).filter((b) => b > a && !links[a]?.includes(b));
    for (const b of walled) if (rng.uniform() < LOOP) join(a, b);
  }
  return { links };
}

/** Fewest steps from `from` to every cell, [CELLS]: breadth-first search. */
export function stepsFrom(maze: Maze, from: number): readonly number[] {
  const steps = new Array<number>(CELLS).fill(Infinity);
  steps[from] = 0;
  const queue = [from];
  for (const cell of queue) {
    const on = (steps[cell] ?? Infinity) + 1;
    for (const next of maze.links[cell] ?? []) {
      if (on >= (steps[next] ?? 0)) continue;
      steps[next] = on;
      queue.push(next);
    }
  }
  return steps;
}

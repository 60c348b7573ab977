import { linked, SIZE, type Maze } from './maze.ts';

/** A place on the floor, metres: x to the east, y to the north, from the centre of the arena. */
export type Point = readonly [number, number];

/** An upright rectangle: centre and half sides, metres. */
export interface Rectangle {
  readonly centre: Point;
  readonly half: Point;
}

/** Half the side of the square arena, between the middles of its outer walls. */
export const HALF = 0.5;
/** Side of a cell, between the middles of its walls. */
export const CELL = (2 * HALF) / SIZE;
/** Half the thickness of a wall: two pixels of the camera. */
export const WALL = 1 / 60;

export const centreOf = (cell: number): Point => [
  ((cell % SIZE) + 0.5) * CELL - HALF,
  (Math.floor(cell / SIZE) + 0.5) * CELL - HALF,
];

const line = (v: number): number => Math.min(SIZE - 1, Math.max(0, Math.floor((v + HALF) / CELL)));

/** The cell that a place lies in; the nearest one for places outside. */
export const cellAt = ([x, y]: Point): number => line(y) * SIZE + line(x);

export const between = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(bx - ax, by - ay);

/** How far a place lies outside of a rectangle, metres; 0 inside. */
export const gap = ([x, y]: Point, { centre, half }: Rectangle): number =>
  Math.hypot(Math.max(0, Math.abs(x - centre[0]) - half[0]), Math.max(0, Math.abs(y - centre[1]) - half[1]));

/** The walls of a maze, outer ones included; walls in line are one rectangle, so that nothing catches at a seam. */
export function wallsOf(maze: Maze): readonly Rectangle[] {
  const walls: Rectangle[] = [];
  for (const upright of [true, false]) {
    for (let i = 0; i <= SIZE; i++) {
      for (const [from, to] of runs(maze, upright, i)) {
        const middle = ((from + to) / 2) * CELL - HALF;
        const long = ((to - from) / 2) * CELL + WALL;
        const across = i * CELL - HALF;
        walls.push(
          upright
            ? { centre: [across, middle], half: [WALL, long] }
            : { centre: [middle, across], half: [long, WALL] },
        );
      }
    }
  }
  return walls;
}

/** Stretches of wall [from, to] in cells along grid line `i`. */
function runs(maze: Maze, upright: boolean, i: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let j = 0; j < SIZE; j++) {
    const after = upright ? j * SIZE + i : i * SIZE + j;
    const before = after - (upright ? 1 : SIZE);
    const outer = i === 0 || i === SIZE;
    if (!outer && linked(maze, before, after)) continue;
    const last = found.at(-1);
    if (last?.[1] === j) last[1] = j + 1;
    else found.push([j, j + 1]);
  }
  return found;
}

/** A place in a cell: `u` and `v` in [-1, 1] span what a disc of `radius` can reach of it without touching a wall. */
export function placeIn(cell: number, radius: number, u: number, v: number): Point {
  const reach = CELL / 2 - WALL - radius;
  const [x, y] = centreOf(cell);
  return [x + u * reach, y + v * reach];
}

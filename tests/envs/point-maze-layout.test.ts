import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, CELL, centreOf, gap, placeIn, WALL, wallsOf } from '#envs/point-maze/geometry.js';
import { everyCell, linked, mazeOf, neighbours, stepsFrom, type Maze } from '#envs/point-maze/maze.js';
import { lengthOf, roadmapOf } from '#envs/point-maze/roadmap.js';

const layouts = fc.integer({ min: 0, max: 1_999_999 });
const cells = fc.integer({ min: 0, max: 15 });
const places = fc.tuple(
  cells,
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
);
const edges = everyCell.flatMap((a) => neighbours(a).flatMap((b) => (b > a ? [[a, b] as const] : [])));
const linkCount = (maze: Maze): number => edges.filter(([a, b]) => linked(maze, a, b)).length;

/** Steps between all pairs of cells by Floyd–Warshall: another way than the task's own search. */
function allSteps(maze: Maze): number[][] {
  const steps = everyCell.map((a) => everyCell.map((b) => (a === b ? 0 : linked(maze, a, b) ? 1 : Infinity)));
  for (const k of everyCell)
    for (const row of steps) for (const j of everyCell) row[j] = Math.min(row[j]!, row[k]! + steps[k]![j]!);
  return steps;
}

/** Resistance between two neighbours of the grid with 1 Ω an edge: how often a uniform tree holds that edge. */
function resistance(a: number, b: number): number {
  const volts = new Array<number>(everyCell.length).fill(0.5);
  for (let sweep = 0; sweep < 500; sweep++)
    for (const c of everyCell) {
      const around = neighbours(c).map((n) => volts[n]!);
      volts[c] = c === a ? 1 : c === b ? 0 : around.reduce((x, y) => x + y, 0) / around.length;
    }
  return 1 / neighbours(a).reduce((current, n) => current + 1 - volts[n]!, 0);
}

describe('the mazes of point-maze', () => {
  it('join every cell to every other, by steps both ways between neighbours', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const maze = mazeOf(layout);
        for (const a of everyCell) {
          const there = maze.links[a]!;
          expect(there.every((b) => neighbours(a).includes(b) && linked(maze, b, a))).toBe(true);
        }
        expect(linkCount(maze)).toBe(maze.links.flat().length / 2);
        expect(Math.max(...stepsFrom(maze, 0))).toBeLessThan(16);
      }),
    );
  });

  it('are the same for the same number, and seldom for two numbers', () => {
    const drawn = Array.from({ length: 500 }, (_, layout) => JSON.stringify(mazeOf(layout)));
    expect(JSON.stringify(mazeOf(7))).toBe(drawn[7]);
    expect(new Set(drawn).size).toBeGreaterThan(495);
  });

  it('hold each edge as often as uniform spanning trees with one wall in ten taken away do', () => {
    const mazes = Array.from({ length: 3000 }, (_, layout) => mazeOf(layout));
    for (const [a, b] of [
      [0, 1],
      [5, 6],
      [1, 5],
      [11, 15],
    ] as const) {
      const expected = resistance(a, b) + 0.1 * (1 - resistance(a, b));
      const share = mazes.filter((maze) => linked(maze, a, b)).length / mazes.length;
      expect(Math.abs(share - expected), `${a}–${b}`).toBeLessThan(0.035); // 4 standard errors
    }
  });

  it('have walls exactly where no step leads, and all round', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const maze = mazeOf(layout);
        const walls = wallsOf(maze);
        const blocked = (x: number, y: number) => walls.some((wall) => gap([x, y], wall) === 0);
        for (const [a, b] of edges) {
          const [ax, ay] = centreOf(a);
          const [bx, by] = centreOf(b);
          expect(blocked((ax + bx) / 2, (ay + by) / 2), `${a}–${b}`).toBe(!linked(maze, a, b));
        }
        for (const cell of everyCell) expect(blocked(...centreOf(cell))).toBe(false);
        for (let at = -0.5; at <= 0.5; at += 0.05)
          for (const side of [-0.5, 0.5]) expect(blocked(at, side) && blocked(side, at)).toBe(true);
      }),
    );
  });

  it('count steps as an independent search does', () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const maze = mazeOf(layout);
        expect(everyCell.map((cell) => stepsFrom(maze, cell))).toEqual(allSteps(maze));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the roadmap of point-maze', () => {
  const radius = 0.045;

  it('finds ways that touch no wall, no shorter than straight and no longer than through the cells’ centres', () => {
    fc.assert(
      fc.property(layouts, places, places, (layout, [a, ...start], [b, ...goal]) => {
        const maze = mazeOf(layout);
        const walls = wallsOf(maze);
        const map = roadmapOf(walls, radius);
        const from = placeIn(a, radius, ...start);
        const to = placeIn(b, radius, ...goal);
        const path = map.path(from, to);
        const length = lengthOf(from, path);
        expect(length).toBeGreaterThan(between(from, to) - 1e-9);
        const centred = between(from, centreOf(a)) + stepsFrom(maze, a)[b]! * CELL + between(centreOf(b), to);
        expect(length).toBeLessThan(centred + 1e-9);
        expect(lengthOf(to, map.path(to, from))).toBeCloseTo(length, 9);
        const legs = path.map((point, i) => [path[i - 1] ?? from, point] as const);
        const clearances = legs.flatMap(([[x, y], [u, v]]) =>
          [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((t) =>
            walls.map((wall) => gap([x + t * (u - x), y + t * (v - y)], wall)),
          ),
        );
        expect(Math.min(...clearances)).toBeGreaterThan(radius - 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('goes round the end of a wall by the known length', () => {
    const all = everyCell.map(neighbours);
    const maze: Maze = { links: all.map((l, c) => l.filter((n) => c + n !== 1)) }; // one wall, between cells 0 and 1
    const off = WALL + radius;
    const from = centreOf(0);
    const length = lengthOf(from, roadmapOf(wallsOf(maze), radius).path(from, centreOf(1)));
    expect(length).toBeCloseTo(2 * Math.hypot(CELL / 2 - off, CELL / 2 + off) + 2 * off, 9);
  });

  it('changes no faster than the agent moves, also where it leans on a wall', () => {
    fc.assert(
      fc.property(
        layouts,
        places,
        places,
        fc.double({ min: 0, max: 6.28, noNaN: true }),
        (layout, a, b, angle) => {
          const map = roadmapOf(wallsOf(mazeOf(layout)), radius + 0.004);
          const to = placeIn(b[0], radius + 0.004, b[1], b[2]);
          const [x, y] = placeIn(a[0], radius + 0.003, a[1], a[2]);
          const near = [x + 0.001 * Math.cos(angle), y + 0.001 * Math.sin(angle)] as const;
          const change = lengthOf(near, map.path(near, to)) - lengthOf([x, y], map.path([x, y], to));
          expect(Math.abs(change)).toBeLessThan(0.006);
        },
      ),
    );
  });
});

import type { Physics } from '#src/env/physics.js';
import type { Variation } from '#src/env/task.js';
import { wallsOf, type Point, type Rectangle } from './geometry.ts';
import { mazeOf, type Maze } from './maze.ts';
import { roadmapOf, type Roadmap } from './roadmap.ts';

/** How far from a wall the ways of the roadmap keep the agent's side, metres. */
const MARGIN = 0.004;

/** All there is to know of one variation's maze: what the scene draws and what solvers may see. */
export interface Chart {
  readonly maze: Maze;
  readonly walls: readonly Rectangle[];
  readonly roadmap: Roadmap;
}

/** Charts follow from their variations, so each is made once for as long as its variation is in use. */
const charts = new WeakMap<Variation, Chart>();

export function chartOf(variation: Variation): Chart {
  const known = charts.get(variation);
  if (known) return known;
  const maze = mazeOf(variation['layout']!);
  const walls = wallsOf(maze);
  const chart = { maze, walls, roadmap: roadmapOf(walls, variation['radius']! + MARGIN) };
  charts.set(variation, chart);
  return chart;
}

/** Where the agent is. */
export const agentAt = (physics: Physics): Point => [
  physics.joint('x').position,
  physics.joint('y').position,
];

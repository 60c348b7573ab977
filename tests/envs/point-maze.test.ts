import { beforeAll, describe, expect, it } from 'vitest';
import { agentAt, chartOf } from '#envs/point-maze/chart.js';
import { cellAt, CELL, centreOf, WALL, type Point } from '#envs/point-maze/geometry.js';
import { everyCell, linked, mazeOf, neighbours, stepsFrom } from '#envs/point-maze/maze.js';
import { TOP_SPEED } from '#envs/point-maze/scene.js';
import { pointMaze } from '#envs/point-maze/task.js';
import { drawEpisode } from '#src/env/episode.js';
import { mujocoEnvironment } from '#src/env/mujoco-environment.js';
import { mujoco, type Mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { Stage } from '#src/env/stage.js';
import { stepTask } from '#src/env/step-task.js';
import type { Variation } from '#src/env/task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const SEED = 2_000_000;
let mj: Mujoco;
beforeAll(async () => {
  mj = await mujoco();
});

const varied = (changed: Record<string, number> = {}): Variation => variationOf(pointMaze, changed);
const open = (variation: Variation): Physics => new Physics(mj, pointMaze.scene(variation));

/** A configuration with the agent at a place and all else as it stands. */
function at(physics: Physics, [x, y]: Point): Float64Array {
  const q = physics.qpos();
  q[physics.index('x')] = x;
  q[physics.index('y')] = y;
  return q;
}

/** Where the agent is after being driven from the centre of a cell towards another one. */
function drive(physics: Physics, from: number, to: number, steps: number, speed = TOP_SPEED): Point {
  const [ax, ay] = centreOf(from);
  const [bx, by] = centreOf(to);
  physics.setConfiguration(at(physics, [ax, ay]));
  const action = Float32Array.of((speed * (bx - ax)) / CELL, (speed * (by - ay)) / CELL);
  for (let i = 0; i < steps; i++) stepTask(pointMaze, physics, action);
  return agentAt(physics);
}

/** Steps that the expert takes to the goal of one episode; Infinity where it runs out of budget. */
function expertSteps(
  track: (typeof pointMaze.tracks)[number],
  seed: number,
  changed: Record<string, number>,
): number {
  const variation = varied({ layout: 1_000_000 + seed, ...changed });
  using physics = open(variation);
  const goal = drawEpisode(pointMaze, track, physics, variation, rngOf('expert', seed));
  const expert = pointMaze.expert!(variation, goal, rngOf('expert', seed));
  for (let step = 1; step <= track.budget; step++) {
    stepTask(pointMaze, physics, expert.act(physics));
    if (pointMaze.success(physics, goal)) return step;
  }
  return Infinity;
}

describe('point-maze', () => {
  it('lets pass where the maze has a step, in seven control steps a cell, and stops the agent at every wall', () => {
    for (const layout of [3, 1_000_000]) {
      const variation = varied({ layout });
      using physics = open(variation);
      const maze = mazeOf(layout);
      for (const a of everyCell)
        for (const b of neighbours(a)) {
          const there = drive(physics, a, b, 8);
          const [x, y] = centreOf(a);
          const way = Math.abs(there[0] - x) + Math.abs(there[1] - y);
          const toWall = CELL / 2 - WALL - variation['radius']!;
          if (linked(maze, a, b)) expect(way, `${a} to ${b}`).toBeGreaterThan(CELL);
          else expect(Math.abs(way - toWall), `${a} to ${b}`).toBeLessThan(0.004);
        }
    }
  });

  it('shows every wall, two pixels wide, and every passage, at several hues', () => {
    for (const [layout, wallHue, floorHue] of [
      [5, 0.62, 0.13],
      [1_500_000, 0, 0],
      [9, 0.4, 0.9],
    ] as const) {
      using stage = new Stage(mj, pointMaze, varied({ layout, wallHue, floorHue }));
      stage.physics.setConfiguration(at(stage.physics, centreOf(0)));
      const { width, data } = stage.images()['top']!;
      const dark = (column: number, row: number) => data[3 * (row * width + column) + 1]! < 100;
      const maze = mazeOf(layout);
      for (const a of everyCell)
        for (const b of neighbours(a).filter((n) => n > a)) {
          const [x, y] = centreOf(a).map((v, axis) => 30 * (v + centreOf(b)[axis]!)) as [number, number];
          const profile = [-3, -2, -1, 0, 1, 2].map((d) =>
            b === a + 1 ? dark(32 + x + d, Math.floor(32 - y)) : dark(Math.floor(32 + x), 32 - y + d),
          );
          const wall = !linked(maze, a, b);
          expect(profile, `${a}–${b}`).toEqual([false, false, wall, wall, false, false]);
        }
    }
  });

  it('shows a step of the tolerance, and does not take the other side of a wall for the goal', () => {
    const variation = varied();
    using stage = new Stage(mj, pointMaze, variation);
    const [a, b] = everyCell.flatMap((c) =>
      c % 4 < 3 && !linked(chartOf(variation).maze, c, c + 1) ? [[c, c + 1]] : [],
    )[0]!;
    const [x, y] = centreOf(a!);
    const picture = (place: Point) => {
      stage.physics.setConfiguration(at(stage.physics, place));
      return stage.images()['top']!.data;
    };
    const here = picture([x, y]);
    const off = picture([x + 0.05, y]);
    expect(here.filter((value, i) => Math.abs(value - off[i]!) > 60).length).toBeGreaterThan(40);
    const side = CELL / 2 - WALL - variation['radius']!;
    const goal = at(stage.physics, [centreOf(b!)[0] - side, y]);
    stage.physics.setConfiguration(at(stage.physics, [x + side, y]));
    expect(pointMaze.success(stage.physics, goal)).toBe(false);
    expect(pointMaze.distance(stage.physics, goal)).toBeCloseTo(2 * (WALL + variation['radius']!), 6);
    expect(pointMaze.costToGo!(stage.physics, goal, variation)).toBeGreaterThan(2 * CELL);
  });

  it('succeeds within 5 cm, where the cost to go is the distance', () => {
    const variation = varied();
    using physics = open(variation);
    const [x, y] = centreOf(6);
    physics.setConfiguration(at(physics, [x, y]));
    for (const [off, reached] of [
      [0, true],
      [0.048, true],
      [0.052, false],
    ] as const) {
      const goal = at(physics, [x, y + off]);
      expect(pointMaze.success(physics, goal)).toBe(reached);
      expect(pointMaze.costToGo!(physics, goal, variation)).toBeCloseTo(off, 9);
    }
  });

  it('calls walls and the outside illegal, and leaning on a wall legal', () => {
    const variation = varied();
    using physics = open(variation);
    const legal = (place: Point) => pointMaze.legal!(at(physics, place), physics, variation);
    const reach = CELL / 2 - WALL - variation['radius']!;
    for (const cell of everyCell) {
      const [x, y] = centreOf(cell);
      expect(legal([x, y])).toBe(true);
      expect(legal([x + reach + 0.002, y - reach - 0.002])).toBe(true);
      for (const next of neighbours(cell)) {
        const middle: Point = [(x + centreOf(next)[0]) / 2, (y + centreOf(next)[1]) / 2];
        expect(legal(middle)).toBe(linked(chartOf(variation).maze, cell, next));
      }
    }
    for (const place of [
      [0.6, 0.1],
      [0.1, -0.7],
      [0.49, 0.1],
      [3, 3],
    ] as const)
      expect(legal(place)).toBe(false);
  });

  it('draws the far track in unseen mazes, three cells of way or more apart', async () => {
    using env = await mujocoEnvironment(pointMaze);
    const layouts = new Set<number>();
    for (let seed = SEED; seed < SEED + 12; seed++) {
      const { observation } = env.reset({ seed, track: 'far', variation: {} });
      const { maze } = chartOf(env.variation);
      const goal = env.goal();
      const from = cellAt([observation.state[0]!, observation.state[1]!]);
      expect(stepsFrom(maze, from)[cellAt([goal[0]!, goal[1]!])]).toBeGreaterThanOrEqual(3);
      expect(env.variation['layout']).toBeGreaterThanOrEqual(1_000_000);
      layouts.add(env.variation['layout']!);
    }
    expect(layouts.size).toBe(12);
  });

  it.each([
    ['as it is', {}],
    ['heavy and rubbed', { mass: 4, friction: 2 }],
    ['light', { mass: 0.25 }],
    ['big', { radius: 0.06 }],
    ['small', { radius: 0.035 }],
  ])('is solved by the expert on every track: %s', (_name, changed) => {
    for (const track of pointMaze.tracks) {
      const steps = Array.from({ length: 8 }, (_, i) => expertSteps(track, i, changed));
      expect(Math.max(...steps), track.name).toBeLessThan(track.budget);
    }
  });

  it('collects data that visits most cells, saturates now and then, and stays out of the walls', () => {
    const visited: number[] = [];
    let saturated = 0;
    let illegal = 0;
    for (let layout = 0; layout < 20; layout++) {
      const variation = varied({ layout });
      using physics = open(variation);
      pointMaze.initialize(physics, variation, rngOf('start', layout));
      const behaviour = pointMaze.behaviour(variation, rngOf('behaviour', layout));
      const cells = new Set<number>();
      for (let step = 0; step < 200; step++) {
        const action = behaviour.act(physics);
        if (action.some((v) => Math.abs(v) > 0.999 * TOP_SPEED)) saturated += 1;
        stepTask(pointMaze, physics, action);
        cells.add(cellAt(agentAt(physics)));
        if (!pointMaze.legal!(physics.qpos(), physics, variation)) illegal += 1;
      }
      visited.push(cells.size);
    }
    expect(visited.reduce((a, b) => a + b, 0) / visited.length).toBeGreaterThan(9);
    expect(illegal).toBe(0);
    expect(saturated / 4000).toBeGreaterThan(0.2);
    expect(saturated / 4000).toBeLessThan(0.6);
  });

  it('is slower to follow when heavier, and sticks when rubbed', () => {
    const [a, b] = [5, mazeOf(1_000_000).links[5]![0]!];
    const moved = (changed: Record<string, number>, speed: number, steps: number) => {
      using physics = open(varied(changed));
      const [x, y] = drive(physics, a, b, steps, speed);
      return Math.hypot(x - centreOf(a)[0], y - centreOf(a)[1]);
    };
    expect(moved({ mass: 4 }, TOP_SPEED, 1)).toBeLessThan(0.7 * moved({ mass: 0.25 }, TOP_SPEED, 1));
    expect(moved({ friction: 2 }, 0.09, 20)).toBeLessThan(0.01);
    expect(moved({}, 0.09, 20)).toBeGreaterThan(0.15);
  });

  it('moves the distractor over the floor: it touches nothing, and hides neither walls nor agent', () => {
    const variation = varied({ distractor: 1 });
    using stage = new Stage(mj, pointMaze, variation);
    using plain = new Stage(mj, pointMaze, varied());
    const { physics } = stage;
    const place = centreOf(5);
    physics.setConfiguration(at(physics, place));
    plain.physics.setConfiguration(at(plain.physics, place));
    physics.setJoint('distractor', 0, 1);
    for (let i = 0; i < 50; i++) stepTask(pointMaze, physics, new Float32Array(2));
    expect(physics.joint('distractor').position).toBeGreaterThan(2);
    expect(agentAt(physics)).toEqual(place);
    const without = plain.images()['top']!.data;
    const changed = [...stage.images()['top']!.data].flatMap((v, i) =>
      v === without[i] ? [] : [i - (i % 3)],
    );
    expect(changed.length).toBeGreaterThan(5);
    for (const i of changed) expect([...without.subarray(i, i + 3)].every((v) => v > 150)).toBe(true); // bare floor
  });
});

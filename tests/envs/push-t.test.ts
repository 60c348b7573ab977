import { describe, expect, it } from 'vitest';
import { push } from '#envs/push-t/contact.js';
import { ANGLE_TOLERANCE, POSITION_TOLERANCE } from '#envs/push-t/goal.js';
import { wayTo } from '#envs/push-t/route.js';
import { BLOCK_REACH, layoutOf, PUSHER_REACH, TOP_SPEED } from '#envs/push-t/scene.js';
import { distanceTo, shapeOf, toBlock, wrap, type Point, type Pose } from '#envs/push-t/shape.js';
import { pushT } from '#envs/push-t/task.js';
import { drawEpisode } from '#src/env/episode.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const standard = variationOf(pushT, {});
const open = async (variation = standard) => new Physics(await mujoco(), pushT.scene(variation));

/** A configuration with the T in a pose and the pusher at a place. */
function at(physics: Physics, { x, y, angle }: Pose, [px, py]: Point): Float64Array {
  const q = physics.qpos();
  const values = { blockX: x, blockY: y, blockAngle: angle, pusherX: px, pusherY: py };
  for (const [joint, value] of Object.entries(values)) q[physics.index(joint)] = value;
  return q;
}

const CENTRE: Pose = { x: 0, y: 0, angle: 0 };
const shape = shapeOf(standard);
const radius = standard['pusherRadius']!;
/** Metres between the pusher's rim and the T: negative where it has sunk in. */
const gap = (physics: Physics): number => {
  const { pusher, block } = layoutOf(physics);
  return distanceTo(shape, toBlock(block, pusher)) - radius;
};

const drive = (physics: Physics, vx: number, vy: number, steps: number): void => {
  for (let i = 0; i < steps; i++) stepTask(pushT, physics, Float32Array.of(vx, vy));
};

describe('push-t scene', () => {
  it('turns the T when pushed at the end of the stem, and hardly when pushed through its centre of mass', async () => {
    using physics = await open();
    physics.setConfiguration(at(physics, CENTRE, [-0.1, shape.stem.y - shape.stem.halfY + 0.02]));
    drive(physics, 0.2, 0, 5);
    expect(layoutOf(physics).block.angle).toBeGreaterThan(0.2);
    physics.setConfiguration(at(physics, CENTRE, [0, shape.bar.y + shape.bar.halfY + radius + 0.01]));
    drive(physics, 0, -0.2, 5);
    expect(Math.abs(layoutOf(physics).block.angle)).toBeLessThan(0.01);
    expect(layoutOf(physics).block.y).toBeLessThan(-0.07);
  });

  it('lets the T rest a tenth of a second after the pusher has left it', async () => {
    using physics = await open();
    physics.setConfiguration(at(physics, CENTRE, [0, 0.2]));
    drive(physics, 0, -TOP_SPEED, 3);
    drive(physics, 0, TOP_SPEED, 1);
    const { block } = layoutOf(physics);
    drive(physics, 0, TOP_SPEED, 2);
    expect(Math.abs(layoutOf(physics).block.y - block.y)).toBeLessThan(1e-3);
    expect(Math.abs(physics.joint('blockY').velocity)).toBeLessThan(1e-3);
  });

  it('never lets the pusher sink into the T, at top speed from every side and with the T at its border', async () => {
    using physics = await open();
    for (let i = 0; i < 16; i++) {
      const side = (2 * Math.PI * i) / 16;
      const [c, s] = [Math.cos(side), Math.sin(side)];
      physics.setConfiguration(at(physics, { x: 0, y: 0, angle: i }, [0.26 * c, 0.26 * s]));
      const speed = TOP_SPEED / Math.max(Math.abs(c), Math.abs(s));
      for (let t = 0; t < 15; t++) {
        drive(physics, -speed * c, -speed * s, 1);
        expect(gap(physics), `side ${i}, step ${t}`).toBeGreaterThan(-0.004);
      }
      const { block, pusher } = layoutOf(physics);
      expect(Math.max(Math.abs(block.x), Math.abs(block.y))).toBeLessThan(BLOCK_REACH + 0.003);
      expect(Math.max(...pusher.map(Math.abs))).toBeLessThan(PUSHER_REACH + 0.003);
    }
  });

  it('leaves the width of the pusher between the T and its border, however the T is turned', () => {
    const { bar, stem } = shape;
    const corners: Point[] = [
      [bar.halfX, bar.y + bar.halfY],
      [stem.halfX, stem.y - stem.halfY],
    ];
    const farthest = Math.max(...corners.map((corner) => Math.hypot(...corner)));
    expect(BLOCK_REACH + farthest + radius).toBeLessThanOrEqual(PUSHER_REACH);
  });
});

describe('push-t rules', () => {
  const off = async (dx: number, turn: number): Promise<{ distance: number; success: boolean }> => {
    using physics = await open();
    const goal = at(physics, { x: 0.1, y: 0, angle: 3 }, [0.4, 0.4]);
    physics.setConfiguration(at(physics, { x: 0.1 + dx, y: 0, angle: 3 + turn }, [-0.4, 0]));
    return { distance: pushT.distance(physics, goal), success: pushT.success(physics, goal) };
  };

  it('counts 20 of 512 of the side and π/9, whole turns for nothing, wherever the pusher is', async () => {
    expect(POSITION_TOLERANCE).toBeCloseTo(20 / 512, 12);
    expect(ANGLE_TOLERANCE).toBeCloseTo(Math.PI / 9, 12);
    expect(await off(0.039, 0.34)).toMatchObject({ success: true });
    expect(await off(0.0391, 0)).toMatchObject({ success: false });
    expect(await off(0, 0.35)).toMatchObject({ success: false });
    expect((await off(0, 2 * Math.PI)).distance).toBeCloseTo(0, 9);
    expect((await off(2 * POSITION_TOLERANCE, 3 * ANGLE_TOLERANCE)).distance).toBeCloseTo(3, 9);
  });

  it('refuses a pusher inside the T, and a T or pusher off the table', async () => {
    using physics = await open();
    const legal = (block: Pose, pusher: Point) => pushT.legal!(at(physics, block, pusher), physics, standard);
    expect(legal(CENTRE, [0.3, 0])).toBe(true);
    expect(legal(CENTRE, [0, 0])).toBe(false);
    expect(legal(CENTRE, [0.3, 0.6])).toBe(false);
    expect(legal({ ...CENTRE, x: 0.35 }, [-0.3, 0])).toBe(false);
  });

  it('costs less the nearer the T is to its goal, and the nearer the pusher is to the T', async () => {
    using physics = await open();
    const goal = at(physics, CENTRE, [0.4, 0.4]);
    const cost = (x: number, angle: number, pusher: Point): number => {
      physics.setConfiguration(at(physics, { x, y: 0, angle }, pusher));
      return pushT.costToGo!(physics, goal, standard);
    };
    expect(cost(0.1, 0, [-0.4, 0])).toBeLessThan(cost(0.15, 0, [-0.4, 0]));
    expect(cost(0.1, 0.2, [-0.4, 0])).toBeLessThan(cost(0.1, 0.4, [-0.4, 0]));
    expect(cost(0.1, 0, [-0.3, 0])).toBeLessThan(cost(0.1, 0, [-0.4, 0]));
  });
});

describe('push-t model of pushing', () => {
  it('foretells where the simulator’s T goes to a quarter of its motion', async () => {
    using physics = await open();
    let missed = 0;
    let moved = 0;
    for (let i = 0; i < 12; i++) {
      const start = { x: 0, y: 0, angle: 0.5 * i };
      const heading = 0.7 * i;
      const direction: Point = [Math.cos(heading), Math.sin(heading)];
      const from: Point = [-0.26 * direction[0], -0.26 * direction[1] + 0.03];
      physics.setConfiguration(at(physics, start, from));
      drive(physics, 0.25 * direction[0], 0.25 * direction[1], 9);
      drive(physics, 0, 0, 2);
      const { pusher, block } = layoutOf(physics);
      const length = Math.hypot(pusher[0] - from[0], pusher[1] - from[1]);
      let foretold: Pose = start;
      push({ pusher: from, block: start }, direction, length, radius, shape, (pose) => {
        foretold = pose;
        return true;
      });
      missed += apart(foretold, block);
      moved += apart(start, block);
    }
    expect(moved / 12).toBeGreaterThan(0.04);
    expect(missed).toBeLessThan(moved / 4);
  });

  it('goes around the T, never through it', () => {
    const from: Point = [-0.3, 0];
    const way = wayTo({ pusher: from, block: CENTRE }, [0.3, 0], radius, shape);
    expect(way).toMatchObject({ last: false });
    expect(way!.length).toBeGreaterThan(0.62);
    expect(wayTo({ pusher: from, block: CENTRE }, [-0.3, 0.3], radius, shape)).toMatchObject({ last: true });
    expect(wayTo({ pusher: from, block: CENTRE }, [0, 0], radius, shape)).toBeUndefined();
  });
});

/** Metres between two poses, a turn counted at the T's radius of gyration. */
const apart = (a: Pose, b: Pose): number =>
  Math.hypot(a.x - b.x, a.y - b.y) + shape.gyration * Math.abs(wrap(a.angle - b.angle));

describe('push-t expert and behaviour', () => {
  /** Whether the expert solves the episode that stands in `physics`. */
  const solves = (physics: Physics, goal: Float64Array, budget: number): boolean => {
    const expert = pushT.expert!(standard, goal, rngOf('expert'));
    for (let t = 0; t < budget; t++) {
      stepTask(pushT, physics, expert.act(physics));
      if (pushT.success(physics, goal)) return true;
    }
    return false;
  };

  it('solves nearly all pairs of every track within the budget', async () => {
    using physics = await open();
    for (const track of pushT.tracks) {
      let solved = 0;
      for (let i = 0; i < 6; i++) {
        const goal = drawEpisode(pushT, track, physics, standard, rngOf('expert', track.name, i));
        if (solves(physics, goal, track.budget)) solved++;
      }
      expect(solved, track.name).toBeGreaterThanOrEqual(5);
    }
  });

  it('brings the T back from every corner of its range', async () => {
    using physics = await open();
    const goal = at(physics, CENTRE, [0.4, 0.4]);
    for (let i = 0; i < 8; i++) {
      const corner = { x: i & 1 ? BLOCK_REACH : -BLOCK_REACH, y: i & 2 ? BLOCK_REACH : -BLOCK_REACH };
      physics.setConfiguration(at(physics, { ...corner, angle: 0.8 * i }, [0, 0]));
      expect(solves(physics, goal, 200), `corner ${i}`).toBe(true);
    }
  });

  it('moves the T in most windows of 25 steps, with actions up to the bounds', async () => {
    using physics = await open();
    let moved = 0;
    let top = 0;
    for (let i = 0; i < 8; i++) {
      pushT.initialize(physics, standard, rngOf('start', i));
      const behaviour = pushT.behaviour(standard, rngOf('behaviour', i));
      let last = layoutOf(physics).block;
      for (let t = 1; t <= 100; t++) {
        const action = behaviour.act(physics);
        top = Math.max(top, ...action.map(Math.abs));
        stepTask(pushT, physics, action);
        if (t % 25 !== 0) continue;
        const { block } = layoutOf(physics);
        const far = Math.hypot(block.x - last.x, block.y - last.y) > 0.05;
        if (far || Math.abs(wrap(block.angle - last.angle)) > 0.2) moved++;
        last = block;
      }
    }
    expect(moved / 32).toBeGreaterThan(0.6);
    expect(top).toBeCloseTo(TOP_SPEED, 6);
  });
});

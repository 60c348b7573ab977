import { describe, expect, it } from 'vitest';
import { gap, jacobian, LOWER, pose, TOP_SPEED, UPPER } from '#envs/arm-reach/kinematics.js';
import { armReach } from '#envs/arm-reach/task.js';
import { inRegion, randomPosture, REGION } from '#envs/arm-reach/workspace.js';
import { drawEpisode } from '#src/env/episode.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { RayCamera } from '#src/env/ray-camera.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const READY = [0, -Math.PI / 4, 0, (-3 * Math.PI) / 4, 0, Math.PI / 2, Math.PI / 4];
const AXES = [0, 1, 2] as const;

const open = async (changed = {}) =>
  new Physics(await mujoco(), armReach.scene(variationOf(armReach, changed)));

/** Puts the arm (and nothing else) into a posture [7] at rest. */
function take(physics: Physics, posture: ArrayLike<number>): void {
  const q = physics.qpos();
  q.set(posture);
  physics.setConfiguration(q);
}

/** One joint at its top speed, the others still. */
const drive = (joint: number, share = 1): Float32Array =>
  Float32Array.from(TOP_SPEED, (top, i) => (i === joint ? share * top : 0));

describe('the arm’s servos', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('joint %i alone follows its command within two steps', async (joint) => {
    using physics = await open();
    take(physics, READY);
    for (let i = 0; i < 2; i++) stepTask(armReach, physics, drive(joint));
    const speeds = physics.qvel();
    expect(speeds[joint]).toBeGreaterThan(0.97 * TOP_SPEED[joint]!);
    for (let i = 0; i < 7; i++) if (i !== joint) expect(Math.abs(speeds[i]!)).toBeLessThan(0.03);
  });

  it('lag when soft, and when the hand is loaded', async () => {
    const after = async (changed: Record<string, number>) => {
      using physics = await open(changed);
      take(physics, READY);
      stepTask(armReach, physics, drive(1));
      return physics.qpos()[1]! - READY[1]!;
    };
    const usual = await after({});
    expect(await after({ gainScale: 0.25 })).toBeLessThan(0.8 * usual);
    expect(await after({ payload: 3 })).toBeLessThan(0.98 * usual);
  });

  it('stop at the published joint limits', async () => {
    using physics = await open();
    for (let joint = 0; joint < 7; joint++) {
      for (const [limit, sign] of [
        [LOWER[joint]!, -1],
        [UPPER[joint]!, 1],
      ] as const) {
        take(
          physics,
          READY.map((v, i) => (i === joint ? limit - 0.1 * sign : v)),
        );
        for (let i = 0; i < 12; i++) stepTask(armReach, physics, drive(joint, sign));
        expect(Math.abs(physics.qpos()[joint]! - limit), `joint${joint + 1}`).toBeLessThan(0.01);
      }
    }
  });

  it('hold a loaded arm where it is', async () => {
    using physics = await open({ payload: 3, gainScale: 0.25 });
    take(physics, READY);
    for (let i = 0; i < 20; i++) stepTask(armReach, physics, new Float32Array(7));
    expect(gap(pose(physics.qpos()).tip, pose(READY).tip)).toBeLessThan(1e-6);
  });

  it('do not press the tip through the floor', async () => {
    using physics = await open();
    take(physics, [0, 0.5, 0, -2, 0, 2.5, 0.8]);
    for (let i = 0; i < 40; i++) stepTask(armReach, physics, drive(1));
    expect(pose(physics.qpos()).tip[2]).toBeGreaterThan(0.03);
    expect(pose(physics.qpos()).tip[2]).toBeLessThan(0.05);
  });
});

describe('arm-reach', () => {
  it('measures the way between tips, not the turn of the hand', async () => {
    using physics = await open();
    take(physics, READY);
    const turned = Float64Array.from(READY, (v, i) => (i === 6 ? v + 0.5 : v));
    expect(armReach.distance(physics, turned)).toBeCloseTo(0, 9);
    expect(armReach.success(physics, turned)).toBe(true);
    expect(armReach.costToGo!(physics, turned, variationOf(armReach, {}))).toBeGreaterThan(0);
    const reach = Math.hypot(...pose(READY).tip.slice(0, 2));
    const swung = (metres: number) =>
      Float64Array.from(READY, (v, i) => (i === 0 ? 2 * Math.asin(metres / 2 / reach) : v));
    expect(armReach.distance(physics, swung(0.1))).toBeCloseTo(0.1, 9);
    expect(armReach.success(physics, swung(0.0199))).toBe(true);
    expect(armReach.success(physics, swung(0.0201))).toBe(false);
  });

  it('takes no start or goal beyond a joint limit, nor with the tip far outside of the region', async () => {
    using physics = await open();
    const legal = (q: readonly number[]) =>
      armReach.legal!(Float64Array.from(q), physics, variationOf(armReach, {}));
    expect(legal(READY)).toBe(true);
    expect(legal(READY.map((v, i) => (i === 6 ? 2.9 : v)))).toBe(false);
    expect(legal(READY.map((v, i) => (i === 0 ? 1.5 : v)))).toBe(false);
  });

  it('shows the ball whole, and two centimetres along any axis in many pixels', async () => {
    using physics = await open();
    using camera = new RayCamera(physics, armReach.cameras[0]!);
    const tip = physics.mj.mj_name2id(physics.model, physics.mj.mjtObj.mjOBJ_GEOM.value, 'tip');
    const posture = randomPosture(rngOf('seen', 3));
    take(physics, posture);
    const before = camera.render().data;
    // 0.038 m of radius at 1.7 m, a pixel being 0.015 m: 19 pixels where nothing stands before it.
    expect(camera.segmentation().filter((geom) => geom === tip).length).toBeGreaterThan(14);
    for (const axis of AXES) {
      take(physics, nudged(posture, axis, 0.02));
      const after = camera.render().data;
      const changed = before.filter((v, i) => i % 3 === 0 && Math.abs(v - after[i]!) > 30).length;
      expect(changed, `axis ${axis}`).toBeGreaterThan(40);
    }
  });

  it.each([{}, { gainScale: 0.25, payload: 3 }])('is solved by its expert with %o', async (changed) => {
    const variation = variationOf(armReach, changed);
    using physics = await open(changed);
    for (const track of armReach.tracks) {
      for (let seed = 0; seed < 6; seed++) {
        const goal = drawEpisode(armReach, track, physics, variation, rngOf('expert', track.name, seed));
        const expert = armReach.expert!(variation, goal, rngOf('unused'));
        let held = 0;
        for (let i = 0; i < track.budget && held < track.hold!; i++) {
          stepTask(armReach, physics, expert.act(physics));
          held = armReach.success(physics, goal) ? held + 1 : 0;
        }
        expect(held, `${track.name} ${seed}`).toBe(track.hold);
      }
    }
  });

  it('collects all over the region, at rest and at top speed, and hardly ever leaves it', async () => {
    const { cells, legal, saturated, still } = await behaviourFigures(30, 60);
    expect(cells).toBeGreaterThan(0.8);
    expect(legal).toBeGreaterThan(0.95);
    expect(saturated).toBeGreaterThan(0.04);
    expect(still).toBeGreaterThan(0.04);
  });
});

/** A posture whose tip stands `by` metres further along an axis: repeated small steps of the Jacobian's transpose. */
function nudged(posture: readonly number[], axis: 0 | 1 | 2, by: number): number[] {
  let q = [...posture];
  const goal = pose(posture).tip.map((v, i) => (i === axis ? v + by : v));
  for (let i = 0; i < 400; i++) {
    const at = pose(q);
    const columns = jacobian(at);
    q = q.map(
      (v, j) => v + 0.5 * AXES.reduce<number>((sum, k) => sum + columns[j]![k] * (goal[k]! - at.tip[k]), 0),
    );
  }
  return q;
}

/** Shares of: 10 cm cells of the region visited, legal states, saturated speeds, steps that move the tip below 1 cm/s. */
async function behaviourFigures(episodes: number, steps: number) {
  const variation = variationOf(armReach, {});
  using physics = await open();
  const visited = new Set<string>();
  const count = { legal: 0, saturated: 0, still: 0 };
  for (let e = 0; e < episodes; e++) {
    armReach.initialize(physics, variation, rngOf('start', e));
    const behaviour = armReach.behaviour(variation, rngOf('collect', e));
    for (let i = 0; i < steps; i++) {
      const from = pose(physics.qpos()).tip;
      const action = behaviour.act(physics);
      stepTask(armReach, physics, action);
      const { tip } = pose(physics.qpos());
      if (inRegion(tip)) visited.add(AXES.map((k) => Math.floor((tip[k] - REGION[k][0]) / 0.1)).join());
      count.legal += Number(armReach.legal!(physics.qpos(), physics, variation));
      count.saturated += action.filter((v, k) => Math.abs(v) > 0.999 * TOP_SPEED[k]!).length / 7;
      count.still += Number(gap(from, tip) < 0.001);
    }
  }
  const share = (n: number) => n / (episodes * steps);
  return {
    cells: visited.size / (5 * 6 * 5),
    legal: share(count.legal),
    saturated: share(count.saturated),
    still: share(count.still),
  };
}

import { describe, expect, it } from 'vitest';
import { jacobian, LOWER, pose, UPPER } from '#envs/arm-reach/kinematics.js';
import { armReach } from '#envs/arm-reach/task.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const READY = [0, -Math.PI / 4, 0, (-3 * Math.PI) / 4, 0, Math.PI / 2, Math.PI / 4];

const open = async (changed = {}) =>
  new Physics(await mujoco(), armReach.scene(variationOf(armReach, changed)));

/** Puts the arm (and nothing else) into a posture [7] at rest. */
function take(physics: Physics, posture: ArrayLike<number>): void {
  const q = physics.qpos();
  q.set(posture);
  physics.setConfiguration(q);
}

const bodyPosition = (physics: Physics, name: string): number[] => {
  const id = physics.mj.mj_name2id(physics.model, physics.mj.mjtObj.mjOBJ_BODY.value, name);
  return Array.from((physics.data.xpos as Float64Array).slice(3 * id, 3 * id + 3));
};

const gapOf = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((v, i) => v - b[i]!));

const anyPosture = (label: number): number[] =>
  LOWER.map((low, i) => rngOf('any', label, i).uniform(low, UPPER[i]));

/** The published table as [a, d, alpha] and 4×4 matrices of Craig's convention, written apart from the task's own. */
function publishedFlange(q: readonly number[]): number[] {
  const table = [
    [0, 0.333, 0],
    [0, 0, -90],
    [0, 0.316, 90],
    [0.0825, 0, 90],
    [-0.0825, 0.384, -90],
    [0, 0, 90],
    [0.088, 0, 90],
    [0, 0.107, 0],
  ] as const;
  let at = [0, 1, 2, 3].map((r) => [0, 1, 2, 3].map((c) => Number(r === c)));
  table.forEach(([a, d, degrees], i) => {
    const [c, s] = [Math.cos(q[i] ?? 0), Math.sin(q[i] ?? 0)];
    const [ca, sa] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const link = [
      [c, -s, 0, a],
      [s * ca, c * ca, -sa, -d * sa],
      [s * sa, c * sa, ca, d * ca],
      [0, 0, 0, 1],
    ];
    at = at.map((row) => link[0]!.map((_, k) => row.reduce((sum, v, m) => sum + v * link[m]![k]!, 0)));
  });
  return [at[0]![3]!, at[1]![3]!, at[2]![3]!];
}

describe('the arm’s kinematics', () => {
  it('puts the flange where the published chain says', async () => {
    using physics = await open();
    expect(publishedFlange([0, 0, 0, 0, 0, 0, 0])[2]).toBeCloseTo(0.926, 9);
    expect(publishedFlange(READY)[0]).toBeCloseTo(0.3069, 4);
    expect(publishedFlange(READY)[2]).toBeCloseTo(0.5903, 4);
    for (const q of [[0, 0, 0, 0, 0, 0, 0], READY, ...[1, 2, 3, 4].map(anyPosture)]) {
      take(physics, q);
      expect(gapOf(bodyPosition(physics, 'hand'), publishedFlange(q))).toBeLessThan(1e-9);
    }
  });

  it('finds MuJoCo’s tip without MuJoCo, also beside a distractor', async () => {
    using physics = await open({ distractor: 1 });
    for (let i = 0; i < 20; i++) {
      take(physics, anyPosture(i));
      expect(gapOf(pose(physics.qpos()).tip, bodyPosition(physics, 'tip'))).toBeLessThan(1e-9);
    }
  });

  it('has the Jacobian that finite differences give', () => {
    const h = 1e-6;
    const q = anyPosture(7);
    jacobian(pose(q)).forEach((column, joint) => {
      const moved = (by: number) => pose(q.map((v, i) => (i === joint ? v + by : v))).tip;
      for (const axis of [0, 1, 2] as const)
        expect(column[axis]).toBeCloseTo((moved(h)[axis] - moved(-h)[axis]) / (2 * h), 7);
    });
  });
});

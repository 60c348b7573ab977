import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { dot, jacobian, JOINTS, pose, TOP_SPEED } from './kinematics.ts';
import { randomPosture, rangeOf, wayBack } from './workspace.ts';

/** Three in five episodes steer to random postures and rest there; the others move at random within the region. */
export function armReachBehaviour(_variation: Variation, rng: Rng): Behaviour {
  const kind = rng.uniform();
  if (kind < 0.6) return seek(rng);
  return wander(kind < 0.85 ? drift(rng) : pulses(rng));
}

/** One random posture after another, at a speed, firmness and noise of the episode, with a rest at some of them. */
function seek(rng: Rng): Behaviour {
  const noise = rng.uniform() < 0.3 ? () => 0 : ornsteinUhlenbeck(rng, 0.6, rng.uniform(0.02, 0.35));
  const stiffness = rng.uniform(1.5, 6);
  const straight = rng.uniform() < 0.5;
  const leg = () => ({ target: randomPosture(rng), speed: rng.uniform(0.3, 1.5), resting: false, left: 50 });
  let now = leg();
  return {
    act(physics: Physics) {
      if (--now.left < 0) now = leg();
      const q = physics.qpos();
      const wanted = JOINTS.map((_, i) => (stiffness * (now.target[i]! - q[i]!)) / TOP_SPEED[i]!);
      const largest = Math.max(...wanted.map(Math.abs));
      if (largest < 0.25 && !now.resting) now = { ...now, resting: true, left: rng.integer(25) };
      const scale = straight ? Math.min(1, now.speed / largest) : 1;
      return velocities((i) => clip(wanted[i]! * scale, now.speed) + noise(i) * (now.resting ? 0.3 : 1));
    },
  };
}

/** Random speeds, turned back softly where the arm leaves its working ranges or the tip its region. */
const wander = (level: (joint: number) => number): Behaviour => ({
  act(physics: Physics) {
    const back = turnBack(physics.qpos());
    return velocities((i) => level(i) + back[i]!);
  },
});

/** Speeds [7], as shares of the top speeds, that lead back from the edge of the working ranges and of the region. */
function turnBack(q: ArrayLike<number>): readonly number[] {
  const at = pose(q);
  const back = wayBack(at.tip, 0.04);
  return jacobian(at).map((column, i) => {
    const [low, high] = rangeOf(i, q);
    const bend = Math.max(0, low + 0.1 - q[i]!) + Math.min(0, high - 0.1 - q[i]!);
    return 10 * bend + 40 * dot(column, back);
  });
}

/** Coloured noise, of any smoothness and strength: from a slow creep to saturated speeds. */
const drift = (rng: Rng): ((joint: number) => number) =>
  ornsteinUhlenbeck(rng, rng.uniform(0.5, 0.96), rng.uniform(0.15, 1.3));

/** Constant speeds of some of the joints, drawn anew every few steps; now and then none at all. */
function pulses(rng: Rng): (joint: number) => number {
  const active = rng.uniform(0.2, 1);
  let level = JOINTS.map(() => 0);
  let left = 0;
  return (joint) => {
    if (joint === 0 && --left < 0) {
      left = 2 + rng.integer(12);
      const still = rng.uniform() < 0.15;
      level = level.map(() => (still || rng.uniform() > active ? 0 : rng.uniform(-1.3, 1.3)));
    }
    return level[joint]!;
  };
}

/** Noise of each joint, independent, with standard deviation `deviation` and correlation `memory` from step to step. */
function ornsteinUhlenbeck(rng: Rng, memory: number, deviation: number): (joint: number) => number {
  const fresh = deviation * Math.sqrt(1 - memory ** 2);
  const level = JOINTS.map(() => deviation * rng.normal());
  return (joint) => (level[joint] = memory * level[joint]! + fresh * rng.normal());
}

/** Joint velocities [7], rad/s, from shares of the top speeds. */
export const velocities = (share: (joint: number) => number): Float32Array =>
  Float32Array.from(TOP_SPEED, (top, i) => top * clip(share(i), 1));

const clip = (v: number, bound: number): number => Math.min(bound, Math.max(-bound, v));

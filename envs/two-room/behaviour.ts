import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { doorway, HALF, TOP_SPEED } from './scene.ts';

/** Half of the episodes wander, half seek random places through the doorway, both with noise. */
export const twoRoomBehaviour = (variation: Variation, rng: Rng): Behaviour =>
  rng.uniform() < 0.5 ? wander(rng) : seek(variation, rng);

/** A walk whose heading drifts and whose speed changes now and then. */
function wander(rng: Rng): Behaviour {
  let heading = rng.uniform(-Math.PI, Math.PI);
  let speed = rng.uniform(0, TOP_SPEED);
  return {
    act() {
      heading += 0.4 * rng.normal();
      if (rng.uniform() < 0.04) heading = rng.uniform(-Math.PI, Math.PI);
      if (rng.uniform() < 0.08) speed = rng.uniform(0, 1.3 * TOP_SPEED);
      return command(speed * Math.cos(heading), speed * Math.sin(heading));
    },
  };
}

/** Goes to one random place after another, by way of the doorway when the other room is meant. */
function seek(variation: Variation, rng: Rng): Behaviour {
  const noise = rng.uniform(0.02, 0.15);
  let target = somewhere(rng);
  let patience = 0;
  return {
    act(physics: Physics) {
      const at = [physics.joint('x').position, physics.joint('y').position] as const;
      const there = Math.hypot(target[0] - at[0], target[1] - at[1]) < 0.03;
      if ((there && rng.uniform() < 0.3) || ++patience > 80) {
        target = somewhere(rng);
        patience = 0;
      }
      const [tx, ty] = via(at, target, variation);
      const gain = 4;
      const length = Math.max(TOP_SPEED, gain * Math.hypot(tx - at[0], ty - at[1]));
      const scale = (gain * TOP_SPEED) / length;
      return command(
        (tx - at[0]) * scale + noise * rng.normal(),
        (ty - at[1]) * scale + noise * rng.normal(),
      );
    },
  };
}

const somewhere = (rng: Rng): readonly [number, number] => [
  rng.uniform(-HALF + 0.045, HALF - 0.045),
  rng.uniform(-HALF + 0.045, HALF - 0.045),
];

/** The next point on the way: the target itself, or a point before or behind the doorway. */
export function via(
  at: readonly [number, number],
  target: readonly [number, number],
  variation: Variation,
): readonly [number, number] {
  if (at[0] * target[0] > 0) return target;
  const [low, high] = doorway(variation);
  const r = variation['radius']!;
  const aligned = at[1] > low + r && at[1] < high - r;
  if (aligned && Math.abs(at[0]) < 0.1) return [0.12 * Math.sign(target[0] || 1), at[1]];
  return [-0.08 * Math.sign(target[0] || 1), (low + high) / 2];
}

const command = (vx: number, vy: number): Float32Array => Float32Array.of(clip(vx), clip(vy));

const clip = (v: number): number => Math.min(TOP_SPEED, Math.max(-TOP_SPEED, v));

import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration, Variation } from '#src/env/task.js';
import { via } from './behaviour.ts';
import { TOP_SPEED } from './scene.ts';

/** Steers to the doorway if the goal lies behind it, then to the goal, slowing down. */
export const twoRoomExpert = (variation: Variation, goal: Configuration): Behaviour => ({
  act(physics: Physics) {
    const at = [physics.joint('x').position, physics.joint('y').position] as const;
    const target = [goal[physics.index('x')]!, goal[physics.index('y')]!] as const;
    const [x, y] = via(at, target, variation);
    const [dx, dy] = [x - at[0], y - at[1]];
    const speed = Math.min(TOP_SPEED, 8 * Math.hypot(dx, dy));
    const scale = speed / Math.max(1e-9, Math.abs(dx), Math.abs(dy));
    return Float32Array.of(dx * scale, dy * scale);
  },
});

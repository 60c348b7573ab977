import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration, Variation } from '#src/env/task.js';
import { agentAt, chartOf } from './chart.ts';
import { TOP_SPEED } from './scene.ts';
import { carrot, command, towards } from './steering.ts';

/** Follows the shortest way to the goal at full speed. */
export function mazeExpert(variation: Variation, goal: Configuration): Behaviour {
  const { roadmap } = chartOf(variation);
  return {
    act(physics: Physics) {
      const at = agentAt(physics);
      const to = [goal[physics.index('x')]!, goal[physics.index('y')]!] as const;
      return command(...towards(at, carrot(at, roadmap.path(at, to)), Math.SQRT2 * TOP_SPEED));
    },
  };
}

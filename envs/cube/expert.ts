import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Configuration } from '#src/env/task.js';
import { between, boxAt, type Point, type Pose } from './pose.ts';
import { Porter } from './porter.ts';
import { TOP_SPEED } from './scene.ts';

/** Carries the box to the goal by its true place: sets it down there, or holds it where the goal is in the air. */
export function carrier(size: number, goal: Configuration): Behaviour {
  let porter: Porter | undefined;
  return { act: (physics: Physics) => (porter ??= hire(size, boxAt(goal, physics))).act(physics) };
}

function hire(size: number, target: Point): Porter {
  const lifted = target[2] > size / 2 + 0.015;
  const errand = { target, rise: lifted ? 0 : 0.06, wait: lifted ? Infinity : 0, release: !lifted };
  const retreat = ({ box }: Pose) => (between(box, target) < 0.02 ? Infinity : 3);
  return new Porter({ size, speed: TOP_SPEED, next: () => errand, retreat });
}

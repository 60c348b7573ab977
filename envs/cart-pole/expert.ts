import type { Behaviour, Configuration, Variation } from '#src/env/task.js';
import { swingUp } from './control.ts';
import { dynamicsOf, motionOf } from './dynamics.ts';

/** Swings the pole up by its energy, catches it, and balances it with the cart where the goal has it. */
export function cartPoleExpert(variation: Variation, goal: Configuration): Behaviour {
  const d = dynamicsOf(variation);
  return {
    act: (physics) => Float32Array.of(swingUp(d, motionOf(physics), goal[physics.index('cart')]!)),
  };
}

import { distractorFactor, lightFactors } from '#src/env/factors.js';
import type { Physics } from '#src/env/physics.js';
import type { Configuration, Task } from '#src/env/task.js';
import { cartPoleBehaviour } from './behaviour.ts';
import { dynamicsOf, energyOf, motionOf, RAIL, wrap } from './dynamics.ts';
import { cartPoleExpert } from './expert.ts';
import { scene } from './scene.ts';
import { hanging, moving, toUpright } from './starts.ts';

/** Radians that the pole may be off the goal, and its largest angular velocity there, rad/s. The cart may be anywhere. */
const REACHED = 0.2;
const SLOW = 1;
/** A second upright in a row is balance; one pass is not. */
const HOLD = 25;
const BUDGET = 250;

/** The pole's angle from the goal's, rad, within (-π, π]. */
const errorOf = (physics: Physics, goal: Configuration): number =>
  wrap(motionOf(physics).angle - goal[physics.index('pole')]!);

export const cartPole: Task = {
  name: 'cart-pole',
  about: 'a cart swings up a pole and balances it; seen from the side',
  actionSpec: { dim: 1, minimum: [-1], maximum: [1], names: ['push'], mode: 'effort' },
  distanceUnit: 'rad',
  stateNames: ['cart', 'poleCos', 'poleSin', 'cartVelocity', 'poleVelocity'],
  cameras: [{ name: 'side', width: 64, height: 64, antialias: 2 }],
  controlPeriod: 0.04,
  factors: {
    poleHue: { default: 0.02, minimum: 0, maximum: 1, about: 'hue of the pole' },
    cartHue: { default: 0.6, minimum: 0, maximum: 1, about: 'hue of the cart' },
    floorHue: { default: 0.12, minimum: 0, maximum: 1, about: 'hue of the ground' },
    poleLength: { default: 1, minimum: 0.8, maximum: 1.2, about: 'scale of the pole length (1 m)' },
    poleMass: { default: 1, minimum: 0.5, maximum: 2, about: 'scale of the pole mass (0.3 kg)' },
    cartMass: { default: 1, minimum: 0.6, maximum: 1.5, about: 'mass of the cart, kg' },
    damping: { default: 1, minimum: 0, maximum: 3, about: 'scale of the damping of rail and axis' },
    distractor: distractorFactor,
    ...lightFactors,
  },
  tracks: [
    {
      kind: 'pair',
      name: 'swing-up',
      about: 'from any angle, at up to 4 rad/s, to upright for a second',
      budget: BUDGET,
      hold: HOLD,
      draw: toUpright(moving),
    },
    {
      kind: 'pair',
      name: 'hang',
      about: 'from hanging at rest to upright for a second',
      budget: BUDGET,
      hold: HOLD,
      draw: toUpright(hanging),
    },
  ],
  scene,
  initialize(physics, _variation, rng) {
    const { configuration, velocity } = moving(physics, rng);
    physics.setConfiguration(configuration, velocity);
  },
  observe(physics) {
    const { cart, cartVelocity, angle, rate } = motionOf(physics);
    return Float32Array.of(cart, Math.cos(angle), Math.sin(angle), cartVelocity, rate);
  },
  /** How far the pole's angle is off, rad; where the cart is and how fast anything moves does not count. */
  distance: (physics, goal) => Math.abs(errorOf(physics, goal)),
  success: (physics, goal) =>
    Math.abs(errorOf(physics, goal)) < REACHED && Math.abs(motionOf(physics).rate) < SLOW,
  /** The energy that the pole lacks or has too much, in lifts from hanging to upright; half its height to go; the cart's square. */
  costToGo(physics, goal, variation) {
    const m = motionOf(physics);
    const aim = { ...m, angle: goal[physics.index('pole')]!, rate: 0 };
    const d = dynamicsOf(variation);
    const missing = Math.abs(energyOf(d, m) - energyOf(d, aim));
    const height = (1 - Math.cos(m.angle - aim.angle)) / 2;
    return missing + 0.5 * height + 0.1 * (m.cart - goal[physics.index('cart')]!) ** 2;
  },
  legal: (q, physics) => Math.abs(q[physics.index('cart')]!) <= RAIL,
  behaviour: cartPoleBehaviour,
  expert: cartPoleExpert,
};

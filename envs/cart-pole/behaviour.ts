import type { Physics } from '#src/env/physics.js';
import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { actionFor, catchable, clip, pump, stayOnRail, swingUp } from './control.ts';
import { dynamicsOf, motionOf, type Dynamics, type Motion } from './dynamics.ts';

/** Room that a careful cart leaves before the rail's ends, m, when it is not balancing. */
const ROOM = 0.15;

/** The next action from the motion, before its bounds. */
type Intent = (motion: Motion) => number;

/**
 * Collects training data: four episodes in ten pump and catch, three balance and are kicked out of it, three push at
 * random. Nine in ten brake before the rail's ends; the others may run into them.
 */
export function cartPoleBehaviour(variation: Variation, rng: Rng): Behaviour {
  const d = dynamicsOf(variation);
  const kind = rng.uniform();
  const careful = rng.uniform() < 0.9;
  return within(d, careful, intentOf(kind, d, rng));
}

function intentOf(kind: number, d: Dynamics, rng: Rng): Intent {
  if (kind < 0.4) return pumping(d, rng);
  if (kind < 0.7) return balancing(d, rng);
  return kind < 0.85 ? pulses(rng) : drift(rng);
}

/** An intent within the bounds, and on the rail where careful; balancing needs all of the rail. */
function within(d: Dynamics, careful: boolean, intent: Intent): Behaviour {
  return {
    act(physics: Physics) {
      const m = motionOf(physics);
      const action = clip(intent(m), 1);
      return Float32Array.of(careful && !catchable(d, m) ? stayOnRail(d, m, action, ROOM) : action);
    },
  };
}

/** Ornstein–Uhlenbeck noise of a standard deviation, which keeps a share `memory` of each value in the next. */
function coloured(memory: number, deviation: number, rng: Rng): () => number {
  const fresh = deviation * Math.sqrt(1 - memory ** 2);
  let level = 0;
  return () => (level = memory * level + fresh * rng.normal());
}

/**
 * Swings the pole up with noise, catches it, and lets it go again now and then; or, in every fifth episode, swings it
 * with too little or too much energy to stay up.
 */
function pumping(d: Dynamics, rng: Rng): Intent {
  const noise = coloured(0.7, rng.uniform(0, 0.3), rng);
  const energy = rng.uniform(-0.6, 0.6);
  if (rng.uniform() < 0.2) return (m) => actionFor(d, m, pump(d, m, energy)) + noise();
  const target = rng.uniform(-0.4, 0.4);
  return kicked((m) => swingUp(d, m, target) + noise(), 0.01, 10, rng);
}

/** Balances about places on the rail that change, with noise and kicks; swings up first where it must. */
function balancing(d: Dynamics, rng: Rng): Intent {
  const noise = coloured(0.7, rng.uniform(0, 0.5), rng);
  const kicks = rng.uniform(0, 0.06);
  let target = 0;
  const steady: Intent = (m) => {
    if (rng.uniform() < 0.02) target = rng.uniform(-0.7, 0.7);
    return swingUp(d, m, target) + (catchable(d, m) ? noise() : 0);
  };
  return kicked(steady, kicks, 5, rng);
}

/** Now and then, with a chance per step, a random held push instead, of 1 to `longest` steps. */
function kicked(intent: Intent, chance: number, longest: number, rng: Rng): Intent {
  let left = 0;
  let kick = 0;
  return (m) => {
    if (left > 0) left -= 1;
    else if (rng.uniform() < chance) {
      left = rng.integer(longest);
      kick = rng.uniform(-1, 1);
    } else return intent(m);
    return kick;
  };
}

/** Constant pushes, drawn anew every few steps: none, full, or in between. */
function pulses(rng: Rng): Intent {
  const scale = rng.uniform(0.3, 1);
  let level = 0;
  let left = 0;
  return () => {
    if (--left < 0) {
      left = 1 + rng.integer(12);
      const size = [0, 1, rng.uniform()][rng.integer(3)]!;
      level = scale * size * (rng.uniform() < 0.5 ? -1 : 1);
    }
    return level;
  };
}

/** Pushes that wander, with a weak pull to the rail's middle. */
function drift(rng: Rng): Intent {
  const noise = coloured(0.9, rng.uniform(0.2, 0.8), rng);
  return (m) => noise() - 0.3 * m.cart;
}

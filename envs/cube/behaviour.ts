import type { Behaviour, Variation } from '#src/env/task.js';
import type { Rng } from '#src/rng.js';
import { inAir, onTable } from './configurations.ts';
import { disturbed, wanderer } from './noise.ts';
import { type Errand, Porter } from './porter.ts';
import { pusher } from './pusher.ts';
import { TOP_SPEED } from './scene.ts';

/** Of the episodes 65 % carry the box about, 20 % push it along the table, 15 % drift about near it; all with noise. */
export function cubeBehaviour(variation: Variation, rng: Rng): Behaviour {
  const kind = rng.uniform();
  if (kind > 0.85) return wanderer(rng);
  const size = variation['boxSize']!;
  const speed = rng.uniform(0.7, 1.2) * TOP_SPEED;
  const script =
    kind < 0.65
      ? new Porter({ size, speed, next: () => errand(size, rng), retreat: () => rng.integer(4) })
      : pusher(size, speed, rng);
  return disturbed(script, disturbance(rng), rng);
}

const disturbance = (rng: Rng) => ({
  velocity: rng.uniform(0, 0.1),
  grip: rng.uniform(0, 0.5),
  lapse: rng.uniform() < 0.5 ? 0 : rng.uniform(0, 0.05),
});

/** Carries on through the air, waits there, sets down, or drops. */
function errand(size: number, rng: Rng): Errand {
  const kind = rng.uniform();
  const rise = rng.uniform(0.02, 0.15);
  if (kind < 0.5) return { target: onTable(size, rng), rise, wait: 0, release: true };
  const wait = kind < 0.75 ? rng.integer(12) : 0;
  return { target: inAir(size, rng), rise: 0, wait, release: kind > 0.95 };
}

import {
  energyOf,
  forceFor,
  FORCE,
  GRAVITY,
  RAIL,
  swingLength,
  type Dynamics,
  type Motion,
} from './dynamics.ts';

/** Speed of the balance, rad/s: all four closed-loop poles stand at minus this. */
const BANDWIDTH = 2.65;
/** Largest cart acceleration that pumping asks for, m/s²: about what the motor can. */
const PUSH = 11;
/** Acceleration that pumping reaches for each missing unit of energy, m/s². */
const EAGERNESS = 40;
/** Deceleration before the rail's end, m/s², and the room that is left there, m. */
const BRAKE = 3.3;
const ROOM = 0.075;
/** Where the balance takes over: pole angle, and where the pole would fall to (both rad). */
const CATCH_ANGLE = 1.2;
const CATCH_FALL = 0.33;

export const clip = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));

/**
 * Cart acceleration, m/s², that balances the pole with the cart going to `target`: `cart + swingLength · angle` is a
 * flat output of the upright linearisation (its second derivative is g · angle), so its poles are placed in closed form.
 */
export function balance(d: Dynamics, m: Motion, target: number): number {
  const l = swingLength(d);
  const w = BANDWIDTH;
  const place = m.cart - target + l * m.angle;
  const speed = m.cartVelocity + l * m.rate;
  return (
    GRAVITY * m.angle +
    l * (4 * w * m.rate + 6 * w ** 2 * m.angle) +
    (l / GRAVITY) * (4 * w ** 3 * speed + w ** 4 * place)
  );
}

/** Whether `balance` can catch the pole: nearly upright, or swinging up with just the speed that it needs. */
export function catchable(d: Dynamics, m: Motion): boolean {
  const fall = m.angle + m.rate * Math.sqrt(swingLength(d) / GRAVITY);
  return Math.abs(m.angle) < CATCH_ANGLE && Math.abs(fall) < CATCH_FALL;
}

/**
 * Cart acceleration, m/s², that brings the pole's energy (`energyOf`) to `energy`: against its swing to add, along it to
 * take (Åström & Furuta, Automatica 36 (2000)), with a pull to the rail's middle.
 */
export function pump(d: Dynamics, m: Motion, energy = 0): number {
  const along = m.rate * Math.cos(m.angle) >= 0 ? 1 : -1;
  const surplus = energyOf(d, m) - energy;
  return clip(EAGERNESS * surplus, PUSH) * along - 1.5 * m.cart - 1.6 * m.cartVelocity;
}

/** The action that gives the cart an acceleration, as far as the motor can. */
export const actionFor = (d: Dynamics, m: Motion, acceleration: number): number =>
  clip(forceFor(d, m, acceleration) / FORCE, 1);

/** The action, or a braking one where the cart would not stop `room` metres before the rail's end. */
export function stayOnRail(d: Dynamics, m: Motion, action: number, room = ROOM): number {
  const stop = m.cart + (m.cartVelocity * Math.abs(m.cartVelocity)) / (2 * BRAKE);
  if (stop > RAIL - room) return Math.min(action, actionFor(d, m, -BRAKE));
  if (stop < room - RAIL) return Math.max(action, actionFor(d, m, BRAKE));
  return action;
}

/** The action that swings the pole up, or balances it with the cart at `target` once it can be caught. */
export const swingUp = (d: Dynamics, m: Motion, target: number): number =>
  catchable(d, m) ? actionFor(d, m, balance(d, m, target)) : stayOnRail(d, m, actionFor(d, m, pump(d, m)));

import type { Physics } from '#src/env/physics.js';
import type { Variation } from '#src/env/task.js';

/** Farthest that the cart's middle may be from the rail's, metres; bumpers begin there. */
export const RAIL = 1.2;
/** Force of the motor at action 1, N. */
export const FORCE = 12;
export const GRAVITY = 9.81;
/** Turning axis to bob at scale 1, metres. */
const LENGTH = 1;

/** What the equations of motion of one variation need, SI units. */
export interface Dynamics {
  readonly cartMass: number;
  readonly poleMass: number;
  /** Axis to the middle of the bob, m. */
  readonly length: number;
  /** Pole mass times the distance of its centre of mass from the axis, kg m. */
  readonly moment: number;
  /** Inertia of the pole about the axis, kg m². */
  readonly inertia: number;
  /** N s/m */
  readonly cartDamping: number;
  /** N m s */
  readonly poleDamping: number;
}

/** A thin rod of 0.1 kg with a bob of 0.2 kg at its end, hinged to a cart of 1 kg, all scaled by the factors. */
export function dynamicsOf(v: Variation): Dynamics {
  const length = LENGTH * v['poleLength']!;
  const rod = 0.1 * v['poleMass']!;
  const bob = 0.2 * v['poleMass']!;
  return {
    cartMass: v['cartMass']!,
    poleMass: rod + bob,
    length,
    moment: (rod / 2 + bob) * length,
    inertia: (rod / 3 + bob) * length ** 2,
    cartDamping: 0.2 * v['damping']!,
    poleDamping: 0.005 * v['damping']!,
  };
}

/** Cart position and velocity (m, m/s, right is positive); pole angle and rate (rad, rad/s, 0 upright, positive leans right). */
export interface Motion {
  readonly cart: number;
  readonly cartVelocity: number;
  /** Within (-π, π]. */
  readonly angle: number;
  readonly rate: number;
}

export const wrap = (angle: number): number => Math.atan2(Math.sin(angle), Math.cos(angle));

export function motionOf(physics: Physics): Motion {
  const cart = physics.joint('cart');
  const pole = physics.joint('pole');
  return {
    cart: cart.position,
    cartVelocity: cart.velocity,
    angle: wrap(pole.position),
    rate: pole.velocity,
  };
}

/** The length of the point pendulum that swings like the pole, m. */
export const swingLength = ({ inertia, moment }: Dynamics): number => inertia / moment;

/** Energy of the pole in the cart's frame, 0 when upright at rest, in units of lifting it from hanging to upright: hanging at rest is -1. */
export const energyOf = (d: Dynamics, { angle, rate }: Motion): number =>
  (swingLength(d) * rate ** 2) / (4 * GRAVITY) - (1 - Math.cos(angle)) / 2;

/** The motor force that gives the cart an acceleration at once, N (partial feedback linearisation; Spong, IEEE Control Syst. 15 (1995)). */
export function forceFor(d: Dynamics, m: Motion, acceleration: number): number {
  const [sin, cos] = [Math.sin(m.angle), Math.cos(m.angle)];
  const swing = (d.moment * (GRAVITY * sin - cos * acceleration) - d.poleDamping * m.rate) / d.inertia;
  return (
    (d.cartMass + d.poleMass) * acceleration +
    d.moment * (swing * cos - m.rate ** 2 * sin) +
    d.cartDamping * m.cartVelocity
  );
}

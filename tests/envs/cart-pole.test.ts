import { describe, expect, it } from 'vitest';
import { dynamicsOf, FORCE, forceFor, GRAVITY, motionOf, RAIL } from '#envs/cart-pole/dynamics.js';
import { cartPole } from '#envs/cart-pole/task.js';
import { mujoco } from '#src/env/mujoco.js';
import type { Image } from '#src/env/observation.js';
import { Physics } from '#src/env/physics.js';
import { RayCamera } from '#src/env/ray-camera.js';
import { Stage } from '#src/env/stage.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

type Factors = Readonly<Record<string, number>>;

const open = async (changed: Factors = {}) =>
  new Physics(await mujoco(), cartPole.scene(variationOf(cartPole, changed)));

/** Puts cart and pole, and whatever else there is, where told. */
function put(physics: Physics, cart: number, pole: number, cartVelocity = 0, rate = 0): void {
  const q = physics.qpos();
  const v = new Float64Array(q.length);
  q.set([cart, pole]);
  v.set([cartVelocity, rate]);
  physics.setConfiguration(q, v);
}

function push(physics: Physics, action: number, steps: number): void {
  for (let i = 0; i < steps; i++) stepTask(cartPole, physics, Float32Array.of(action));
}

const UPRIGHT = Float64Array.of(0, 0);

describe('cart-pole', () => {
  it('moves the cart with the push and leaves the pole behind; without a push the pole falls', async () => {
    using physics = await open();
    put(physics, 0, 0);
    push(physics, 1, 5);
    expect(physics.joint('cart').position).toBeGreaterThan(0.1);
    expect(physics.joint('pole').position).toBeLessThan(-0.05);
    put(physics, 0, 0.1);
    push(physics, 0, 20);
    expect(physics.joint('pole').position).toBeGreaterThan(0.4);
  });

  it('keeps its energy without friction, through ten seconds of whole turns', async () => {
    using physics = await open({ damping: 0 });
    const d = dynamicsOf(variationOf(cartPole, {}));
    const total = () => {
      const { cartVelocity, angle, rate } = motionOf(physics);
      return (
        ((d.cartMass + d.poleMass) / 2) * cartVelocity ** 2 +
        d.moment * cartVelocity * rate * Math.cos(angle) +
        (d.inertia / 2) * rate ** 2 +
        d.moment * GRAVITY * Math.cos(angle)
      );
    };
    const rate = 7;
    put(physics, 0, 0, (-d.moment * rate) / (d.cartMass + d.poleMass), rate); // no momentum: the cart stays about
    const before = total();
    push(physics, 0, 250);
    expect(physics.joint('pole').position).toBeGreaterThan(6 * Math.PI);
    expect(Math.abs(total() - before)).toBeLessThan(1e-4);
  });

  it.each([
    {},
    { poleLength: 0.8, cartMass: 1.5 },
    { poleLength: 1.2, poleMass: 2, damping: 3 },
  ] as Factors[])('has the dynamics that its controllers count with (%o)', async (changed) => {
    using physics = await open(changed);
    put(physics, 0.2, 1, 0.3, -2);
    const wanted = 2.5;
    const force = forceFor(dynamicsOf(variationOf(cartPole, changed)), motionOf(physics), wanted);
    physics.setControl(Float32Array.of(force / FORCE));
    physics.forward();
    expect((physics.data.qacc as Float64Array)[0]).toBeCloseTo(wanted, 5);
  });

  it('catches the cart softly at the rail’s ends', async () => {
    using physics = await open();
    for (const side of [-1, 1]) {
      put(physics, 0, Math.PI);
      let farthest = 0;
      for (let i = 0; i < 100; i++) {
        push(physics, side, 1);
        farthest = Math.max(farthest, side * physics.joint('cart').position);
      }
      expect(farthest).toBeGreaterThan(RAIL + 0.01);
      expect(farthest).toBeLessThan(RAIL + 0.15);
      expect(side * physics.joint('cart').position).toBeCloseTo(RAIL, 1);
    }
  });

  it('circles the distractor evenly, which pulls at nothing', async () => {
    using plain = await open();
    using crowded = await open({ distractor: 1 });
    put(plain, 0, 1);
    put(crowded, 0, 1);
    crowded.setJoint('distractor', 0, 0.7);
    push(plain, 0.3, 50);
    push(crowded, 0.3, 50);
    expect(crowded.joint('distractor').position).toBeCloseTo(1.4, 6);
    expect(crowded.joint('pole').position).toBeCloseTo(plain.joint('pole').position, 6);
  });
});

describe('cart-pole: what counts', () => {
  it('is the pole’s angle and its rate, wherever the cart is and however often the pole has turned', async () => {
    using physics = await open();
    const at = (cart: number, pole: number, rate = 0) => {
      put(physics, cart, pole, 0, rate);
      return cartPole.success(physics, UPRIGHT);
    };
    expect(at(0, 0.19)).toBe(true);
    expect(at(0, -0.21)).toBe(false);
    expect(at(RAIL, 6 * Math.PI - 0.19, -0.95)).toBe(true);
    expect(at(0, 0, 1.05)).toBe(false);
    expect(at(0, 0, -1.05)).toBe(false);
    put(physics, 0, 3.1);
    expect(cartPole.distance(physics, Float64Array.of(0, -3.1))).toBeCloseTo(2 * (Math.PI - 3.1), 6);
  });

  it('lets no cart start or end beyond the rail', async () => {
    using physics = await open();
    const variation = variationOf(cartPole, {});
    expect(cartPole.legal!(Float64Array.of(RAIL - 0.01, 2), physics, variation)).toBe(true);
    expect(cartPole.legal!(Float64Array.of(-RAIL - 0.01, 2), physics, variation)).toBe(false);
  });

  it('must be held for a second, within ten, on every track', () => {
    for (const { hold, budget } of cartPole.tracks) {
      expect((hold ?? 1) * cartPole.controlPeriod).toBeCloseTo(1, 9);
      expect(budget * cartPole.controlPeriod).toBeCloseTo(10, 9);
    }
  });

  it('costs nothing at the goal, and less on the expert’s way within a second than at rest', async () => {
    using physics = await open();
    const variation = variationOf(cartPole, {});
    const cost = () => cartPole.costToGo!(physics, UPRIGHT, variation);
    put(physics, 0, 2 * Math.PI);
    expect(cost()).toBeCloseTo(0, 9);
    put(physics, 0, Math.PI);
    const resting = cost();
    const expert = cartPole.expert!(variation, UPRIGHT, rngOf('expert'));
    const costs: number[] = [];
    for (let i = 0; i < 125; i++) {
      stepTask(cartPole, physics, expert.act(physics));
      costs.push(cost());
    }
    expect(costs[24]).toBeLessThan(resting - 0.1);
    expect(costs[124]).toBeLessThan(0.01);
  });
});

/** The middle of the pixels by weight, in pixels from the picture's own middle: right and up are positive. */
function middle({ width, height, data }: Image, weigh: (r: number, g: number, b: number) => number) {
  let [x, y, sum] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    const weight = Math.max(0, weigh(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!));
    x += weight * ((i % width) + 0.5 - width / 2);
    y += weight * (height / 2 - 0.5 - Math.floor(i / width));
    sum += weight;
  }
  return { x: x / sum, y: y / sum };
}

describe('cart-pole: the picture', () => {
  it('tells the pole’s angle to 0.05 rad, all round and along the rail', async () => {
    using stage = new Stage(await mujoco(), cartPole, variationOf(cartPole, {}));
    for (const cart of [-0.9, 0.03, 0.7]) {
      for (let angle = -3.1; angle < 3.2; angle += 0.62) {
        put(stage.physics, cart, angle);
        const image = stage.images()['side']!;
        const bob = middle(image, (r, g, b) => 40 - Math.max(r, g, b));
        const pixel = 64 / 4.8; // of a metre
        const seen = Math.atan2(bob.x - cart * pixel, bob.y);
        expect(Math.abs(Math.atan2(Math.sin(seen - angle), Math.cos(seen - angle)))).toBeLessThan(0.05);
      }
    }
  });

  it('hides nothing: pole and bob all round, wherever the cart is, and the rail’s ends', async () => {
    using physics = await open();
    using camera = new RayCamera(physics, { name: 'side', width: 64, height: 64, supersample: 2 });
    const { mj, model } = physics;
    const idOf = (name: string) => mj.mj_name2id(model, mj.mjtObj.mjOBJ_GEOM.value, name);
    const ids = { bob: idOf('bob'), pole: idOf('pole'), left: idOf('left'), right: idOf('right') };
    const pixelsAt = (cart: number, angle: number) => {
      put(physics, cart, angle);
      const seen = camera.segmentation();
      const count = (geom: number) => seen.filter((id) => id === geom).length;
      return {
        bob: count(ids.bob),
        pole: count(ids.pole),
        ends: Math.min(count(ids.left), count(ids.right)),
      };
    };
    const whole = pixelsAt(0, 0);
    expect(Math.min(whole.bob, whole.pole)).toBeGreaterThan(60);
    for (let angle = 0; angle < 2 * Math.PI; angle += Math.PI / 6) {
      for (const cart of [-RAIL, 0, RAIL]) {
        const { bob, pole, ends } = pixelsAt(cart, angle);
        expect(bob / whole.bob, `bob, ${cart} m, ${angle} rad`).toBeGreaterThan(0.9);
        expect(pole / whole.pole, `pole, ${cart} m, ${angle} rad`).toBeGreaterThan(0.9);
        expect(ends).toBeGreaterThan(4);
      }
    }
  });
});

import { rngOf } from '#src/rng.js';
import { stepWeights } from '#src/world-model/objective-cost.js';
import { minus } from './matrix.ts';
import { noise, tiny, tinyAction, type TinyWorld } from './tiny-world.ts';

/** What `golden.json` holds: vectors that a runtime must reproduce. B windows, k frames, D latent, A model action. */
export interface Golden {
  readonly format: 'jepilot-golden/1';
  /** u8 [B, k, H, W, 3]. */
  readonly frames: { readonly shape: readonly number[]; readonly base64: string };
  /** [B][D]. */
  readonly latents: readonly (readonly number[])[];
  /** Normalised model actions [4][10][A]. */
  readonly actions: readonly (readonly (readonly number[])[])[];
  /** [4][10][D], from `latents` 0 to 3. */
  readonly rollout: readonly (readonly (readonly number[])[])[];
  /** [B][D]: encodings of each window's newest frame, repeated. */
  readonly goals: readonly (readonly number[])[];
  /** d(latent i, goal j), [B][B]; null without a metric head. */
  readonly distances: readonly (readonly number[])[] | null;
  /** Mean and std [B][A], normalised, at latent i for goal i; only with an action prior. */
  readonly prior?: {
    readonly mean: readonly (readonly number[])[];
    readonly std: readonly (readonly number[])[];
  };
  /** [4][10], about each step of the rollouts; only with an ensemble. */
  readonly disagreement?: readonly (readonly number[])[];
  /** Cost [4] and its gradient [4][H][A] of the plans in `actions`, from latent 0 to goal 1; only with a gradient graph. */
  readonly gradient?: {
    readonly cost: readonly number[];
    readonly gradient: readonly (readonly (readonly number[])[])[];
  };
}

/** Golden vectors of a tiny model, computed without ONNX; `heads.gradient` is the horizon of the gradient graph. */
export function goldenOf(world: TinyWorld, heads: { readonly gradient: number | null } | null): Golden {
  const rng = rngOf('golden');
  const windows = Array.from({ length: 4 }, (_, b) =>
    Array.from({ length: tiny.frames }, (_, k) => noise(10 * b + k)),
  );
  const latents = windows.map((window) => world.encode(window));
  const goals = windows.map((window) => world.encode(window.map(() => window.at(-1)!)));
  const action = (): number[] =>
    Array.from({ length: tinyAction.dim * tinyAction.repeat }, () => rng.normal());
  const actions = latents.map(() => Array.from({ length: 10 }, action));
  const rollout = actions.map((plan, i) => {
    let latent = latents[i]!;
    return plan.map((step) => (latent = world.step(latent, step)));
  });
  const pixels = windows.flat().map(({ images }) => images[tiny.camera]!.data);
  return {
    format: 'jepilot-golden/1',
    frames: {
      shape: [4, tiny.frames, tiny.size, tiny.size, 3],
      base64: Buffer.concat(pixels).toString('base64'),
    },
    latents,
    actions,
    rollout,
    goals,
    distances:
      world.distance(latents[0]!, goals[0]!) === null
        ? null
        : latents.map((latent) => goals.map((goal) => world.distance(latent, goal)!)),
    ...(heads && {
      prior: {
        mean: latents.map((latent, i) => world.prior(latent, goals[i]!).mean),
        std: latents.map((latent, i) => world.prior(latent, goals[i]!).std),
      },
      disagreement: actions.map((plan, i) =>
        plan.map((action, t) => world.disagreement(t > 0 ? rollout[i]![t - 1]! : latents[i]!, action)),
      ),
    }),
    ...(heads?.gradient && { gradient: gradientOf(world, latents[0]!, goals[1]!, actions, heads.gradient) }),
  };
}

/** Cost and gradient of plans by central differences, in double precision. */
function gradientOf(
  world: TinyWorld,
  latent: readonly number[],
  goal: readonly number[],
  actions: readonly (readonly (readonly number[])[])[],
  horizon: number,
) {
  const plans = actions.map((plan) => Array.from({ length: horizon }, (_, t) => plan[t % plan.length]!));
  const cost = (plan: readonly (readonly number[])[]) => costOf(world, latent, goal, plan);
  const slope = (plan: readonly (readonly number[])[], t: number, i: number): number => {
    const moved = (by: number) =>
      plan.map((block, u) => block.map((x, j) => (u === t && j === i ? x + by : x)));
    return (cost(moved(1e-5)) - cost(moved(-1e-5))) / 2e-5;
  };
  return {
    cost: plans.map(cost),
    gradient: plans.map((plan) => plan.map((block, t) => block.map((_, i) => slope(plan, t, i)))),
  };
}

/** The summed objective of a tiny model: its time to go, or the distance of latents where it has none. */
function costOf(
  world: TinyWorld,
  from: readonly number[],
  goal: readonly number[],
  plan: readonly (readonly number[])[],
): number {
  const weights = stepWeights(plan.length);
  let latent = from;
  return plan.reduce((sum, action, t) => {
    latent = world.step(latent, action);
    const squares = minus([...latent], [...goal]).reduce((total, x) => total + x * x, 0);
    return sum + weights[t]! * (world.distance(latent, goal) ?? squares / latent.length);
  }, 0);
}

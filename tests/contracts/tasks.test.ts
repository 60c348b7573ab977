import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tasks } from '#envs/index.js';
import { mujocoEnvironment } from '#src/env/mujoco-environment.js';
import { substepsOf } from '#src/env/step-task.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { FIRST_EVALUATION_SEED } from '#src/env/episode.js';
import type { Environment, TimeStep } from '#src/env/environment.js';
import type { Task } from '#src/env/task.js';
import { isCovered, variationOf } from '#src/env/variation.js';
import { rngOf } from '#src/rng.js';

const SEED = FIRST_EVALUATION_SEED + 500_000;

const randomAction = (task: Task, rng: ReturnType<typeof rngOf>): Float32Array =>
  Float32Array.from({ length: task.actionSpec.dim }, (_, i) =>
    rng.uniform(task.actionSpec.minimum[i], task.actionSpec.maximum[i]),
  );

const play = (env: Environment, task: Task, steps: number, label: string): TimeStep[] => {
  const rng = rngOf(label);
  return Array.from({ length: steps }, () => env.step(randomAction(task, rng)));
};

/** Every bit of a step's observation, distance and outcome. */
const digest = ({ kind, observation, distance, success }: TimeStep): string => {
  const hash = createHash('sha256').update(JSON.stringify([kind, observation.step, distance, success]));
  hash.update(observation.state);
  for (const image of Object.values(observation.images)) hash.update(image.data);
  return hash.digest('hex');
};
const digests = (steps: readonly TimeStep[]): string[] => steps.map(digest);

describe.each(tasks)('task $name', (task) => {
  const episode = (seed = SEED, track = task.tracks[0].name, variation = {}) => ({ seed, track, variation });

  it('has one standard camera, names for every number, and defaults within range', () => {
    expect(task.cameras.length).toBeGreaterThan(0);
    expect(task.actionSpec.names).toHaveLength(task.actionSpec.dim);
    expect(task.actionSpec.minimum).toHaveLength(task.actionSpec.dim);
    for (const [name, f] of Object.entries(task.factors)) {
      expect(f.default, name).toBeGreaterThanOrEqual(f.minimum);
      expect(f.default, name).toBeLessThanOrEqual(f.maximum);
    }
    expect(new Set(task.tracks.map((t) => t.name)).size).toBe(task.tracks.length);
  });

  it('steps a whole number of physics steps per control step', async () => {
    using physics = new Physics(await mujoco(), task.scene(variationOf(task, {})));
    expect(substepsOf(task, physics)).toBeGreaterThanOrEqual(1);
  });

  it('plays the same episode for the same seed, and another for another', async () => {
    using one = await mujocoEnvironment(task);
    using two = await mujocoEnvironment(task);
    expect(digest(one.reset(episode()))).toBe(digest(two.reset(episode())));
    expect(digests(play(one, task, 10, 'a'))).toEqual(digests(play(two, task, 10, 'a')));
    expect(one.reset(episode(SEED + 1)).observation.state).not.toEqual(
      two.reset(episode()).observation.state,
    );
  });

  it('gives observations that share no memory and match their specification', async () => {
    using env = await mujocoEnvironment(task);
    const first = env.reset(episode()).observation;
    const copy = structuredClone(first);
    const [second] = play(env, task, 5, 'b');
    expect(first.state).toEqual(copy.state);
    for (const [name, image] of Object.entries(first.images)) {
      expect(Buffer.compare(image.data, copy.images[name]!.data)).toBe(0);
    }
    expect(second!.observation.state).toHaveLength(task.stateNames.length);
    for (const { name, width, height } of task.cameras) {
      expect(second!.observation.images[name]).toMatchObject({ width, height });
      expect(second!.observation.images[name]!.data).toHaveLength(3 * width * height);
      expect(second!.observation.images[name]!.data.buffer).not.toBe(first.images[name]!.data.buffer);
    }
  });

  it('restores a snapshot bit for bit, also in an environment that played something else', async () => {
    using env = await mujocoEnvironment(task);
    env.reset(episode());
    play(env, task, 12, 'c');
    const snapshot = env.snapshot();
    const once = digests(play(env, task, 25, 'd'));
    env.restore(snapshot);
    expect(digests(play(env, task, 25, 'd'))).toEqual(once);
    using other = await mujocoEnvironment(task);
    other.reset(episode(SEED + 9));
    other.restore(snapshot);
    expect(digests(play(other, task, 25, 'd'))).toEqual(once);
  });

  it('renders a goal without disturbing the episode', async () => {
    using env = await mujocoEnvironment(task);
    using undisturbed = await mujocoEnvironment(task);
    env.reset(episode());
    undisturbed.reset(episode());
    const picture = env.render(env.goal());
    expect(
      Buffer.compare(
        env.render(env.goal()).images[task.cameras[0]!.name]!.data,
        picture.images[task.cameras[0]!.name]!.data,
      ),
    ).toBe(0);
    expect(digests(play(env, task, 10, 'e'))).toEqual(digests(play(undisturbed, task, 10, 'e')));
  });

  it('draws unsolved, legal pairs on every track', async () => {
    using env = await mujocoEnvironment(task);
    for (const track of task.tracks) {
      for (let seed = SEED; seed < SEED + 25; seed++) {
        const start = env.reset(episode(seed, track.name));
        expect(start.success, `${track.name} ${seed}`).toBe(false);
        expect(start.distance).toBeGreaterThan(0);
        expect(env.budget).toBe(track.budget);
        for (const name of track.unseen ?? []) {
          expect(isCovered((task.factors[name]!.training ?? []).flat(), env.variation[name]!), name).toBe(
            false,
          );
        }
      }
    }
  });

  it('counts a start at the goal as success', async () => {
    const variation = variationOf(task, {});
    using physics = new Physics(await mujoco(), task.scene(variation));
    task.initialize(physics, variation, rngOf('at-goal'));
    physics.setConfiguration(physics.qpos()); // at rest
    expect(task.distance(physics, physics.qpos())).toBeCloseTo(0, 9);
    expect(task.success(physics, physics.qpos())).toBe(true);
  });

  it('renders and steps at both ends of every factor', async () => {
    using env = await mujocoEnvironment(task);
    for (const [name, factor] of Object.entries(task.factors)) {
      for (const value of [factor.minimum, factor.maximum]) {
        env.reset(episode(SEED, task.tracks[0].name, { [name]: value }));
        expect(env.variation[name]).toBe(value);
        play(env, task, 3, name);
      }
    }
  });

  it('refuses an unknown factor, a factor out of range, an unknown track, and bad actions', async () => {
    using env = await mujocoEnvironment(task);
    expect(() => env.step(new Float32Array(task.actionSpec.dim))).toThrow(/reset/);
    expect(() => env.reset(episode(SEED, 'nowhere'))).toThrow(/no track .* 'nowhere'; known: /);
    expect(() => env.reset(episode(SEED, task.tracks[0].name, { gravity: 1 }))).toThrow(
      /no factor 'gravity'/,
    );
    expect(() => env.reset(episode(SEED, task.tracks[0].name, { light: 99 }))).toThrow(
      /factor 'light' is 99; .* 0.6 to 1.4/,
    );
    env.reset(episode());
    expect(() => env.step(new Float32Array(task.actionSpec.dim + 1))).toThrow(/action has/);
    expect(() => env.step(new Float32Array(task.actionSpec.dim).fill(NaN))).toThrow(/NaN/);
    expect(() => env.step(new Float32Array(task.actionSpec.dim).fill(1e6))).toThrow(/takes/);
  });

  it('ends after its budget and refuses to go on', async () => {
    using env = await mujocoEnvironment(task);
    env.reset(episode());
    const steps = play(env, task, env.budget, 'f');
    expect(steps.at(-1)!.kind).toBe('last');
    expect(steps.at(-2)!.kind).toBe('mid');
    expect(() => env.step(new Float32Array(task.actionSpec.dim))).toThrow(/ended/);
  });

  it('collects with actions that its own specification allows', async () => {
    const variation = variationOf(task, {});
    using env = await mujocoEnvironment(task);
    env.reset(episode());
    using physics = new Physics(await mujoco(), task.scene(variation));
    for (let i = 0; i < 20; i++) {
      task.initialize(physics, variation, rngOf('behaviour', i));
      const action = task.behaviour(variation, rngOf('behaviour', i)).act(physics);
      expect(() => env.step(action)).not.toThrow();
    }
  });
});

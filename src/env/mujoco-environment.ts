import { JepilotError } from '../errors.ts';
import { pick } from '../registry.ts';
import { rngOf } from '../rng.ts';
import { checkAction } from '../spec.ts';
import type { Environment, EpisodeSpec, Snapshot, TimeStep } from './environment.ts';
import { drawEpisode } from './episode.ts';
import { mujoco, type Mujoco } from './mujoco.ts';
import type { Observation } from './observation.ts';
import { Stage } from './stage.ts';
import { stepTask } from './step-task.ts';
import { standardTrack, type Configuration, type Task, type Track, type Variation } from './task.ts';
import { drawUnseen, variationOf } from './variation.ts';

/** What an episode is played for. */
interface Aim {
  readonly track: Track;
  readonly goal: Configuration;
}

class MujocoEnvironment implements Environment {
  readonly #mj: Mujoco;
  readonly #task: Task;
  #variation: Variation;
  #stage: Stage;
  #aim: Aim | undefined;
  #episode: EpisodeSpec;
  #step = 0;
  /** Control steps in a row, the present one included, that met the goal. */
  #met = 0;

  constructor(mj: Mujoco, task: Task) {
    this.#mj = mj;
    this.#task = task;
    this.#variation = variationOf(task, {});
    this.#stage = new Stage(mj, task, this.#variation);
    this.#episode = { seed: 0, track: standardTrack(task).name, variation: {} };
  }

  get task() {
    return this.#task.name;
  }
  get actionSpec() {
    return this.#task.actionSpec;
  }
  get cameras() {
    return this.#task.cameras;
  }
  get stateNames() {
    return this.#task.stateNames;
  }
  get controlPeriod() {
    return this.#task.controlPeriod;
  }
  get variation() {
    return this.#variation;
  }
  get budget() {
    return this.#aimed().track.budget;
  }

  goal(): Configuration {
    return this.#aimed().goal.slice();
  }

  reset(episode: EpisodeSpec): TimeStep {
    const track = pick(`track of task '${this.#task.name}'`, this.#task.tracks, episode.track);
    const rng = rngOf('episode', this.#task.name, episode.track, episode.seed);
    const unseen = drawUnseen(this.#task, track.unseen ?? [], rng.fork('unseen'));
    this.#setVariation(variationOf(this.#task, { ...unseen, ...episode.variation }));
    const goal = drawEpisode(this.#task, track, this.#stage.physics, this.#variation, rng);
    this.#aim = { track, goal };
    this.#episode = episode;
    this.#step = 0;
    this.#met = 0;
    return this.#timeStep('first');
  }

  step(action: Float32Array): TimeStep {
    const { budget } = this.#aimed().track;
    if (this.#step >= budget) {
      throw new JepilotError('bad-state', `the episode ended at step ${budget}; reset before stepping again`);
    }
    checkAction(this.actionSpec, action, `task '${this.task}'`);
    stepTask(this.#task, this.#stage.physics, action);
    this.#step += 1;
    return this.#timeStep(this.#step === budget ? 'last' : 'mid');
  }

  render(configuration: Configuration): Observation {
    const { physics } = this.#stage;
    const state = physics.state();
    try {
      physics.setConfiguration(configuration);
      return { step: 0, time: 0, images: this.#stage.images(), state: this.#task.observe(physics) };
    } finally {
      physics.setState(state);
    }
  }

  snapshot(): Snapshot {
    return { physics: this.#stage.physics.state(), step: this.#step, met: this.#met, episode: this.#episode };
  }

  restore(snapshot: Snapshot): void {
    if (this.#episode !== snapshot.episode) this.reset(snapshot.episode);
    this.#stage.physics.setState(snapshot.physics);
    this.#step = snapshot.step;
    this.#met = snapshot.met;
  }

  #aimed(): Aim {
    if (!this.#aim) throw new JepilotError('bad-state', 'no episode has begun; call reset first');
    return this.#aim;
  }

  #setVariation(variation: Variation): void {
    const same = Object.entries(variation).every(([name, value]) => this.#variation[name] === value);
    if (same) return;
    const stage = new Stage(this.#mj, this.#task, variation);
    this.#stage[Symbol.dispose]();
    this.#stage = stage;
    this.#variation = variation;
  }

  #timeStep(kind: TimeStep['kind']): TimeStep {
    const { physics } = this.#stage;
    const { goal, track } = this.#aimed();
    this.#met = this.#task.success(physics, goal) ? this.#met + 1 : 0;
    const success = this.#met >= (track.hold ?? 1);
    const observation = {
      step: this.#step,
      time: this.#step * this.controlPeriod,
      images: this.#stage.images(),
      state: this.#task.observe(physics),
    };
    return {
      kind,
      observation,
      distance: this.#task.distance(physics, goal),
      success,
      legal: this.#task.legal?.(physics.qpos(), physics, this.#variation) ?? true,
      reward: success ? 1 : 0,
    };
  }

  [Symbol.dispose](): void {
    this.#stage[Symbol.dispose]();
  }
}

/** Opens a task on MuJoCo WASM. Dispose it once, when done. */
export const mujocoEnvironment = async (task: Task): Promise<Environment> =>
  new MujocoEnvironment(await mujoco(), task);

import type { Environment, EpisodeSpec, Snapshot, TimeStep } from '../../src/env/environment.ts';
import type { Observation } from '../../src/env/observation.ts';
import type { Configuration } from '../../src/env/task.ts';
import { JepilotError } from '../../src/errors.ts';
import { rngOf } from '../../src/rng.ts';
import { checkAction, type ActionSpec, type MotionSpec } from '../../src/spec.ts';

const pixels = 16;

/** A point on the line from -1 to 1, moved by velocity; it succeeds within 0.05 of its goal. State [position]. */
export class LineEnvironment implements Environment {
  readonly task = 'line';
  readonly actionSpec: ActionSpec;
  readonly cameras = [{ name: 'side', width: pixels, height: 1 }];
  readonly stateNames = ['position'];
  readonly controlPeriod = 0.1;
  readonly variation = {};
  readonly budget: number;
  #position = 0;
  #goal = 0;
  #step = 0;
  #episode: EpisodeSpec = { seed: 0, track: 'pair', variation: {} };
  /** Every action that was applied, oldest first. */
  readonly applied: number[] = [];

  constructor(budget = 40, mode: ActionSpec['mode'] = 'velocity', motion?: MotionSpec) {
    this.budget = budget;
    this.actionSpec = {
      dim: 1,
      minimum: [-1],
      maximum: [1],
      names: ['velocity'],
      mode,
      ...(motion && { motion }),
    };
  }

  reset(episode: EpisodeSpec): TimeStep {
    const rng = rngOf('line', episode.seed);
    this.#episode = episode;
    this.#position = rng.uniform(-1, -0.5);
    this.#goal = rng.uniform(0.5, 1);
    this.#step = 0;
    this.applied.length = 0;
    return this.#timeStep('first');
  }

  step(action: Float32Array): TimeStep {
    if (this.#step >= this.budget) throw new JepilotError('bad-state', 'the episode has ended');
    checkAction(this.actionSpec, action, "task 'line'");
    this.applied.push(action[0]!);
    this.#position += this.controlPeriod * action[0]!;
    this.#step += 1;
    return this.#timeStep(this.#step === this.budget ? 'last' : 'mid');
  }

  goal(): Configuration {
    return Float64Array.of(this.#goal);
  }

  render(configuration: Configuration): Observation {
    return this.#look(configuration[0]!, 0);
  }

  snapshot(): Snapshot {
    return { physics: Float64Array.of(this.#position), step: this.#step, met: 0, episode: this.#episode };
  }

  restore(snapshot: Snapshot): void {
    this.reset(snapshot.episode);
    this.#position = snapshot.physics[0]!;
    this.#step = snapshot.step;
  }

  #look(position: number, step: number): Observation {
    const data = new Uint8Array(pixels * 3);
    const pixel = Math.min(pixels - 1, Math.max(0, Math.floor(((position + 1) / 2) * pixels)));
    data.fill(255, pixel * 3, pixel * 3 + 3);
    const images = { side: { width: pixels, height: 1, data } };
    return { step, time: step * this.controlPeriod, images, state: Float32Array.of(position) };
  }

  #timeStep(kind: TimeStep['kind']): TimeStep {
    const distance = Math.abs(this.#position - this.#goal);
    const success = distance < 0.05;
    const observation = this.#look(this.#position, this.#step);
    return { kind, observation, distance, success, reward: success ? 1 : 0 };
  }

  [Symbol.dispose](): void {
    /* nothing to free */
  }
}

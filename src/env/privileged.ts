import type { Environment } from './environment.ts';
import { mujoco } from './mujoco.ts';
import { Physics } from './physics.ts';
import type { Configuration, Task, Variation } from './task.ts';

/** What only a simulator can tell: for policies that serve as a ceiling, never for a robot. */
export interface Privileged {
  /** `Physics.state()` of the present. */
  readonly state: Float64Array;
  readonly variation: Variation;
  readonly goal: Configuration;
}

export const privilegedOf = (environment: Environment): Privileged => ({
  state: environment.snapshot().physics,
  variation: environment.variation,
  goal: environment.goal(),
});

/** A second simulator of the same scene, to look ahead in. Dispose it once. */
export class Twin implements Disposable {
  readonly #task: Task;
  #physics: Physics | null = null;
  #variation: Variation | null = null;

  constructor(task: Task) {
    this.#task = task;
  }

  /** The physics of this variation, in whatever state it was left. */
  async of(variation: Variation): Promise<Physics> {
    // The environment keeps one object for a scene, so nothing is written or compiled at every step.
    if (this.#physics && variation === this.#variation) return this.#physics;
    const mj = await mujoco();
    this.#physics?.[Symbol.dispose]();
    this.#physics = new Physics(mj, this.#task.scene(variation));
    this.#variation = variation;
    return this.#physics;
  }

  [Symbol.dispose](): void {
    this.#physics?.[Symbol.dispose]();
    this.#physics = null;
  }
}

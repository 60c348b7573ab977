import type { Physics } from '#src/env/physics.js';
import type { Behaviour } from '#src/env/task.js';
import { approach, grasp, inGrip, way } from './grasp.ts';
import { towards } from './moves.ts';
import { between, type Point, type Pose, poseOf } from './pose.ts';
import { HIGH } from './scene.ts';

/** One thing to do with the box. */
export interface Errand {
  /** Where its centre goes. */
  readonly target: Point;
  /** How far above the straight way it is carried at most, m. */
  readonly rise: number;
  /** Control steps for which it is held there. */
  readonly wait: number;
  /** Whether it is let go then. */
  readonly release: boolean;
}

/** How the porter works. */
export interface Brief {
  readonly size: number;
  /** Top speed, m/s. */
  readonly speed: number;
  /** What to do next, asked when the box is in the grip and after each errand that did not end in a release. */
  next(pose: Pose): Errand;
  /** Control steps of going up after a release; Infinity when that was the last errand. */
  retreat(pose: Pose): number;
}

type Phase = 'approach' | 'close' | 'carry' | 'wait' | 'release' | 'retreat';

const CLOSING = 3;
const RELEASING = 2;
/** Control steps after which a carry counts as ended wherever the box is: something is in the way. */
const PATIENCE = 40;

/** Picks up the box wherever it is, and runs errands with it: approach, close, carry, wait, release, retreat. */
export class Porter implements Behaviour {
  readonly #brief: Brief;
  #phase: Phase = 'approach';
  #since = 0;
  #retreat = 0;
  #errand: Errand | undefined;

  constructor(brief: Brief) {
    this.#brief = brief;
  }

  act(physics: Physics): Float32Array {
    const pose = poseOf(physics);
    this.#since += 1;
    const next = this.#next(pose);
    if (next !== this.#phase) this.#enter(next, pose);
    return this.#move(pose);
  }

  /** Whether it let go of the box and has gone up for so many control steps since. */
  away(steps: number): boolean {
    return this.#phase === 'retreat' && this.#since >= steps;
  }

  #enter(phase: Phase, pose: Pose): void {
    this.#phase = phase;
    this.#since = 0;
    if (phase === 'carry') this.#errand = this.#brief.next(pose);
    if (phase === 'retreat') this.#retreat = this.#brief.retreat(pose);
  }

  /** The phase that follows, or the present one while it lasts. */
  #next(pose: Pose): Phase {
    const since = this.#since;
    const errand = this.#errand;
    const gripped = inGrip(pose, this.#brief.size);
    switch (this.#phase) {
      case 'approach':
        if (gripped) return 'carry';
        return between(pose.gripper, grasp(pose)) < 0.012 ? 'close' : 'approach';
      case 'close':
        if (since < CLOSING) return 'close';
        return gripped ? 'carry' : 'approach';
      case 'carry':
        if (!gripped || !errand) return 'approach';
        return between(pose.box, errand.target) < 0.012 || since > PATIENCE ? 'wait' : 'carry';
      case 'wait':
        if (!gripped || !errand) return 'approach';
        if (since < errand.wait) return 'wait';
        return errand.release ? 'release' : 'carry';
      case 'release':
        return since < RELEASING ? 'release' : 'retreat';
      case 'retreat':
        return since < this.#retreat ? 'retreat' : 'approach';
    }
  }

  #move(pose: Pose): Float32Array {
    const { gripper } = pose;
    const { speed, size } = this.#brief;
    switch (this.#phase) {
      case 'approach':
        return towards(gripper, approach(pose, size), -1, speed);
      case 'close':
        return towards(gripper, grasp(pose), 1, speed);
      case 'carry':
      case 'wait':
        return towards(
          gripper,
          this.#errand ? way(pose, this.#errand.target, this.#errand.rise) : gripper,
          1,
          speed,
        );
      case 'release':
        return towards(gripper, gripper, -1, speed);
      case 'retreat':
        return towards(gripper, [gripper[0], gripper[1], HIGH], -1, speed);
    }
  }
}

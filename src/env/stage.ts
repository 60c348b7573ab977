import { lightOf } from './light.ts';
import type { Mujoco } from './mujoco.ts';
import type { Image } from './observation.ts';
import { Physics } from './physics.ts';
import { RayCamera } from './ray-camera.ts';
import type { Task, Variation } from './task.ts';

/** A scene compiled for one variation, with its cameras; rebuilt only when the variation changes. */
export class Stage implements Disposable {
  readonly physics: Physics;
  readonly cameras: readonly RayCamera[];

  constructor(mj: Mujoco, task: Task, variation: Variation) {
    this.physics = new Physics(mj, task.scene(variation));
    const light = lightOf(variation);
    this.cameras = task.cameras.map((spec) => new RayCamera(this.physics, spec, light));
  }

  images(): Record<string, Image> {
    return Object.fromEntries(this.cameras.map((camera) => [camera.spec.name, camera.render()]));
  }

  [Symbol.dispose](): void {
    for (const camera of this.cameras) camera[Symbol.dispose]();
    this.physics[Symbol.dispose]();
  }
}

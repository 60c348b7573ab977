import { mujoco } from '../env/mujoco.ts';
import { Stage } from '../env/stage.ts';
import { stepTask } from '../env/step-task.ts';
import type { Task } from '../env/task.ts';
import { drawFactors, variationOf } from '../env/variation.ts';
import { rngOf } from '../rng.ts';

/** Which episodes a data set holds; episode `i` uses seed `seed + i`, so the set does not depend on who records it. */
export interface CollectionSpec {
  readonly task: string;
  readonly episodes: number;
  readonly seed: number;
  /** Control steps (rows) per episode. */
  readonly steps: number;
  /** Factors drawn anew for each episode; the others keep their defaults. */
  readonly vary: readonly string[];
}

/** The rows of one episode. `action[t]` acts between frame `t` and frame `t + 1`. */
export interface EpisodeRows {
  /** u8 [T, H, W, 3] of the task's first camera. */
  readonly pixels: Uint8Array;
  /** f32 [T, a] */
  readonly action: Float32Array;
  /** f32 [T, s] */
  readonly state: Float32Array;
  /** f32 [T, factors], in the order of the task's `factors`. */
  readonly variation: Float32Array;
}

/** Plays the task's behaviour policy for one episode and records what the camera sees. */
export async function recordEpisode(task: Task, spec: CollectionSpec, index: number): Promise<EpisodeRows> {
  const rng = rngOf('collect', task.name, spec.seed + index);
  const variation = variationOf(task, drawFactors(task, spec.vary, rng.fork('variation')));
  using stage = new Stage(await mujoco(), task, variation);
  const { physics } = stage;
  const [camera] = stage.cameras;
  if (!camera) throw new RangeError(`task '${task.name}' has no camera`);
  task.initialize(physics, variation, rng.fork('start'));
  physics.forward();
  const behaviour = task.behaviour(variation, rng.fork('behaviour'));
  const frame = 3 * camera.spec.width * camera.spec.height;
  const rows = {
    pixels: new Uint8Array(spec.steps * frame),
    action: new Float32Array(spec.steps * task.actionSpec.dim),
    state: new Float32Array(spec.steps * task.stateNames.length),
    variation: new Float32Array(spec.steps * Object.keys(variation).length),
  };
  for (let t = 0; t < spec.steps; t++) {
    const action = behaviour.act(physics);
    rows.pixels.set(camera.render().data, t * frame);
    rows.state.set(task.observe(physics), t * task.stateNames.length);
    rows.action.set(action, t * task.actionSpec.dim);
    rows.variation.set(Object.values(variation), t * Object.keys(variation).length);
    stepTask(task, physics, action);
  }
  return rows;
}

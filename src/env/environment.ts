import type { ActionSpec } from '../spec.ts';
import type { CameraSpec, Observation } from './observation.ts';
import type { Configuration, Variation } from './task.ts';

/** Names one episode. The same spec gives the same start, goal and scene on every machine. */
export interface EpisodeSpec {
  readonly seed: number;
  /** A track of the task. */
  readonly track: string;
  /** Factors that differ from their defaults. */
  readonly variation: Readonly<Record<string, number>>;
}

/** What one step of an episode shows. `reward` is 1 on success and 0 otherwise; planning minimises cost instead. */
export interface TimeStep {
  readonly kind: 'first' | 'mid' | 'last';
  readonly observation: Observation;
  readonly distance: number;
  /** The goal is met, and has been for as many control steps as the track asks for. */
  readonly success: boolean;
  /** False where the scene is in a configuration that the task forbids; absent for environments that can't tell. */
  readonly legal?: boolean;
  readonly reward: number;
}

/** Everything that the future of an episode depends on; restoring it is bit-exact. */
export interface Snapshot {
  readonly physics: Float64Array;
  readonly step: number;
  /** Control steps in a row that met the goal. */
  readonly met: number;
  readonly episode: EpisodeSpec;
}

/** A task being played: physics, cameras and one episode at a time. */
export interface Environment extends Disposable {
  readonly task: string;
  readonly actionSpec: ActionSpec;
  readonly cameras: readonly CameraSpec[];
  readonly stateNames: readonly string[];
  /** Seconds per control step. */
  readonly controlPeriod: number;
  /** Control steps that the present episode may take. */
  readonly budget: number;
  readonly variation: Variation;
  /** Draws and starts an episode. Throws on an unknown track or a factor out of range. */
  reset(episode: EpisodeSpec): TimeStep;
  /** Applies one raw action [dim] for one control step. Throws after a `last` step, and on a bad action. */
  step(action: Float32Array): TimeStep;
  /** The configuration to be reached. */
  goal(): Configuration;
  /** The picture of a configuration at rest, without moving the episode: how a goal state becomes a goal image. */
  render(configuration: Configuration): Observation;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

import type { Rng } from '../rng.ts';
import type { ActionSpec } from '../spec.ts';
import type { CameraSpec } from './observation.ts';
import type { Physics } from './physics.ts';

/** One factor of variation: a number that a user may set, or that collection may draw, within its range. */
export interface Factor {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Where given, the only values allowed; draws pick one of them. */
  readonly values?: readonly number[];
  /** Only whole numbers, such as the number of a layout. */
  readonly whole?: true;
  /** Where given, collection draws from these ranges alone, so that the rest of the factor is never seen in training. */
  readonly training?: readonly (readonly [number, number])[];
  readonly about: string;
}

/** A value for every factor of a task. */
export type Variation = Readonly<Record<string, number>>;

/** A configuration (MuJoCo `qpos`) of the task's scene. */
export type Configuration = Float64Array;

interface TrackRules {
  readonly name: string;
  readonly about: string;
  /** Control steps that an episode may take. */
  readonly budget: number;
  /** Control steps in a row for which the goal must be met before it counts as reached; 1 by default. */
  readonly hold?: number;
  /** Factors drawn anew for each episode from outside of their training ranges, unless the episode sets them. */
  readonly unseen?: readonly string[];
}

/** How starts and goals are drawn, and what counts. */
export type Track = TrackRules &
  (
    | {
        /** Start and goal lie `offset` control steps apart on one trajectory of the behaviour policy. */
        readonly kind: 'trajectory';
        readonly offset: number;
      }
    | {
        /** Start and goal are drawn by the task itself. */
        readonly kind: 'pair';
        readonly draw: (
          physics: Physics,
          variation: Variation,
          rng: Rng,
        ) => {
          start: Configuration;
          goal: Configuration;
          /** Generalised velocities [nv] at the start; rest by default. */ velocity?: Float64Array;
        };
      }
  );

/** A scripted policy that collects training data; it sees the true state. One instance lives for one episode. */
export interface Behaviour {
  /** The raw action [dim] for the next control step. Reads the physics, never changes it. */
  act(physics: Physics): Float32Array;
}

/** All that a new environment writes. Physics knows no goals; a task knows no stepping (dm_control's split). */
export interface Task {
  readonly name: string;
  readonly about: string;
  readonly actionSpec: ActionSpec;
  readonly stateNames: readonly string[];
  /** Unit of `distance`, for people. */
  readonly distanceUnit: string;
  readonly cameras: readonly CameraSpec[];
  /** Seconds per control step: a whole multiple of the scene's physics time step. */
  readonly controlPeriod: number;
  readonly factors: Readonly<Record<string, Factor>>;
  /** The first one is the task's standard. */
  readonly tracks: readonly [Track, ...Track[]];
  /** The MJCF document of one variation. */
  scene(variation: Variation): string;
  /** Puts the scene into a random legal state from which an episode or a recording may start. */
  initialize(physics: Physics, variation: Variation, rng: Rng): void;
  /** Writes the action to the actuators; the default copies it to `ctrl`. */
  actuate?(physics: Physics, action: Float32Array): void;
  /** What the robot's own sensors read: [stateNames.length]. */
  observe(physics: Physics): Float32Array;
  /** How far the scene is from the goal, in the unit that `success` thresholds. */
  distance(physics: Physics, goal: Configuration): number;
  success(physics: Physics, goal: Configuration): boolean;
  /** False where a start or goal may not be (inside a wall, say); every configuration is legal by default. */
  legal?(configuration: Configuration, physics: Physics, variation: Variation): boolean;
  behaviour(variation: Variation, rng: Rng): Behaviour;
  /** A scripted solver that sees the true state: the policy `expert`, and the proof that the task can be solved. */
  expert?(variation: Variation, goal: Configuration, rng: Rng): Behaviour;
  /** True cost to go from here, for planning on the simulator itself (geodesic where walls are); `distance` by default. */
  costToGo?(physics: Physics, goal: Configuration, variation: Variation): number;
}

export const standardTrack = (task: Task): Track => task.tracks[0];

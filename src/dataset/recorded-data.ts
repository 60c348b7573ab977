import type { Image } from '../env/observation.ts';

/** Consecutive control steps of one recorded episode. */
export interface Clip {
  /** [length + 1]: what the camera showed before each action, and after the last. */
  readonly images: readonly Image[];
  /** Raw actions [length][dim]; `actions[t]` acts between image t and image t + 1. */
  readonly actions: readonly Float32Array[];
}

/** A recorded data set, whoever wrote it. */
export interface RecordedData extends AsyncDisposable {
  /** Frames of each episode. */
  readonly lengths: readonly number[];
  readonly actionDim: number;
  /** Throws JepilotError('bad-file') where the file does not hold what it says. */
  clip(episode: number, from: number, length: number): Promise<Clip>;
}

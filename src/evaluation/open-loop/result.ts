/** What a model's imagination is worth on recorded clips, no simulator involved. */
export interface OpenLoopResult {
  readonly model: string;
  readonly checksum: string;
  /** Name of the data set, without its folder. */
  readonly data: string;
  readonly clips: number;
  /** Mean squared latent error per dimension after 1, 2, … model steps. */
  readonly rolloutError: readonly number[];
  /** The same of predicting no change. */
  readonly persistenceError: readonly number[];
  /** The same with the actions of other clips. */
  readonly shuffledError: readonly number[];
  /** Where the true actions rank among sampled ones under the planning objective: 0 is best, 1 worst; mean over clips. */
  readonly trueActionRank: number;
  /** Shuffled error over rollout error at the horizon: how much actions matter to the prediction. */
  readonly actionSensitivity: number;
  /** Standard deviation over mean of the objective over sampled plans: whether there is anything to choose. */
  readonly costVariation: number;
  readonly samples: number;
}

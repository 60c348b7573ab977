import type { Factor } from './task.ts';

/** The light factors that every task shares: spread into its `factors`. */
export const lightFactors = {
  light: { default: 1, minimum: 0.6, maximum: 1.4, about: 'brightness of the picture' },
  lightAngle: {
    default: 0,
    minimum: -Math.PI,
    maximum: Math.PI,
    about: 'azimuth of the light, rad from its default',
  },
} as const satisfies Record<string, Factor>;

/** A moving thing in the picture that has nothing to do with the task. */
export const distractorFactor: Factor = {
  default: 0,
  minimum: 0,
  maximum: 1,
  values: [0, 1],
  about: 'a disc that circles and touches nothing',
};

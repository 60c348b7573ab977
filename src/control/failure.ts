import { JepilotError, type ErrorCode } from '../errors.ts';
import type { CoreEvent } from './core.ts';

const recoverable: readonly ErrorCode[] = ['provider', 'io', 'link'];

/**
 * What a rejected plan means to the control core. A provider or link that was lost may come back, and so may what we
 * do not know (ten in a row stop all the same); every other error of ours is a fault that the next plan would repeat.
 */
export const failureOf = (error: unknown): CoreEvent => ({
  kind: 'failed',
  fatal: error instanceof JepilotError && !recoverable.includes(error.code),
  error,
});

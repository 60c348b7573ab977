import type { Track } from './task.ts';

/** The field's protocol: goal 25 control steps ahead on a trajectory of the behaviour policy, twice as many to get there. */
export const compatTrack = {
  kind: 'trajectory',
  name: 'compat',
  about: 'goal 25 control steps ahead on a behaviour trajectory',
  offset: 25,
  budget: 50,
} as const satisfies Track;

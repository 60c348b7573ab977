import type { Environment, EpisodeSpec } from '../../env/environment.ts';

/** Steps until the compiler has seen the simulator and the camera. */
const STEPS = 60;

/**
 * Plays the episode's first steps for nothing, so that compiling them does not compete with the robot's first plans for
 * the cores. A reset forgets all of it.
 */
export function warmUp(environment: Environment, episode: EpisodeSpec): void {
  const { minimum, maximum } = environment.actionSpec;
  const middle = Float32Array.from(minimum, (low, i) => (low + maximum[i]!) / 2);
  for (let i = 0; i < STEPS; i++) {
    if (i % environment.budget === 0) environment.reset(episode);
    environment.step(middle);
  }
}

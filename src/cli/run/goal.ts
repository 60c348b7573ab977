import { readFileSync } from 'node:fs';
import type { Environment } from '../../env/environment.ts';
import type { Observation } from '../../env/observation.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { decodePng } from '../../record/png.ts';

/** The picture to be reached: the episode's own, or a PNG of the user's. */
export function goalOf(environment: Environment, file: string | undefined): Observation {
  const own = environment.render(environment.goal());
  const [camera] = environment.cameras;
  if (file === undefined || !camera) return own;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read the goal picture ${file}: ${reasonOf(cause)}`, { cause });
  }
  // A picture says nothing of the robot's own sensors.
  return {
    ...own,
    images: { [camera.name]: decodePng(bytes, camera, file) },
    state: own.state.map(() => NaN),
  };
}

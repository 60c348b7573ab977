import { readFileSync } from 'node:fs';
import type { Observation } from '../../env/observation.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { decodePicture, pictureSize } from '../../robot/picture.ts';
import type { CameraProfile } from '../../robot/profile/schema.ts';

/**
 * The picture to be reached, from a PNG or JPEG file: one of the model's size as it is, any other as the camera's own
 * pictures are (cut, resized). It says nothing of the robot's other sensors.
 */
export async function goalPicture(camera: CameraProfile, file: string): Promise<Observation> {
  let data: Uint8Array;
  try {
    data = readFileSync(file);
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read the goal picture ${file}: ${reasonOf(cause)}`, { cause });
  }
  const place = `goal picture ${file}`;
  const picture = { kind: 'compressed', order: 'rgb', data } as const;
  const { width, height } = await pictureSize(data, place);
  const asIs = width === camera.size.width && height === camera.size.height;
  const image = await decodePicture(picture, asIs ? { size: camera.size } : camera, place);
  return { step: 0, time: 0, images: { [camera.name]: image }, state: new Float32Array(0) };
}

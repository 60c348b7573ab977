import { readFileSync } from 'node:fs';
import type { CameraSpec, Image, Observation } from '../../env/observation.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { decodePicture, pictureSize, type PictureShape } from '../../robot/picture.ts';
import type { CameraProfile } from '../../robot/profile/schema.ts';

/**
 * The picture to be reached, from a PNG or JPEG file: one of the model's size as it is, any other as the camera's own
 * pictures are (cut, resized). It says nothing of the robot's other sensors.
 */
export async function goalPicture(camera: CameraProfile, file: string): Promise<Observation> {
  const image = await pictureOf(camera, file);
  return { step: 0, time: 0, images: { [camera.name]: image }, state: new Float32Array(0) };
}

/** The same for the cameras of a task: all of them but the first are left out of a goal. */
export async function goalForTask([camera]: readonly CameraSpec[], file: string): Promise<Observation> {
  if (!camera)
    throw new JepilotError('invalid-value', 'a robot without a camera takes no picture for a goal');
  const { name, width, height } = camera;
  const image = await pictureOf({ size: { width, height } }, file);
  return { step: 0, time: 0, images: { [name]: image }, state: new Float32Array(0) };
}

async function pictureOf(camera: PictureShape, file: string): Promise<Image> {
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
  return decodePicture(picture, asIs ? { size: camera.size } : camera, place);
}

import { readFileSync } from 'node:fs';
import type { CameraSpec, Image, Observation } from '../../env/observation.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { decodePicture, pictureSize, type PictureShape } from '../../robot/picture.ts';
import type { CameraProfile } from '../../robot/profile/schema.ts';

/** What a picture is of: a camera of a task, or of a robot's profile, which may say what part of its pictures is used. */
type Camera = CameraSpec | CameraProfile;

/**
 * The picture to be reached, from a PNG or JPEG file: one of the model's size as it is, any other as the camera's own
 * pictures are (cut, resized). It says nothing of other cameras and sensors.
 */
export async function goalPicture(camera: Camera | undefined, file: string): Promise<Observation> {
  if (!camera)
    throw new JepilotError('invalid-value', 'a robot without a camera takes no picture for a goal');
  const { name } = camera;
  const shape = 'size' in camera ? camera : { size: { width: camera.width, height: camera.height } };
  return { step: 0, time: 0, images: { [name]: await pictureOf(shape, file) }, state: new Float32Array(0) };
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

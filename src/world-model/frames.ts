import type { Image, Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { ModelManifest } from './manifest.ts';
import type { Feed } from './onnx-session.ts';

/**
 * Windows of observations (oldest first) as the encoder takes them: u8 [B, k, H, W, 3].
 * A window shorter than `history.frames` starts with its first observation repeated.
 * A missing camera, another picture size or a window too long is an error that names expected and got.
 */
export function framesOf(manifest: ModelManifest, windows: readonly (readonly Observation[])[]): Feed {
  const { width, height } = manifest.cameras[0]!;
  const { frames } = manifest.history;
  const size = width * height * 3;
  const data = new Uint8Array(windows.length * frames * size);
  windows.forEach((window, b) => {
    if (window.length < 1 || window.length > frames) {
      throw new JepilotError(
        'shape-mismatch',
        `window ${b} has ${window.length} observations; model '${manifest.name}' needs 1 to ${frames}`,
      );
    }
    for (let k = 0; k < frames; k++) {
      const observation = window[Math.max(0, k - (frames - window.length))]!;
      data.set(pictureOf(manifest, observation).data, (b * frames + k) * size);
    }
  });
  return { shape: [windows.length, frames, height, width, 3], data };
}

/** The picture that the model looks at, checked. */
function pictureOf(manifest: ModelManifest, { images }: Observation): Image {
  const { name, width, height } = manifest.cameras[0]!;
  const image = images[name];
  if (!image) {
    const got = Object.keys(images).join(', ') || 'none';
    throw new JepilotError(
      'invalid-value',
      `model '${manifest.name}' needs camera '${name}'; got cameras: ${got}`,
    );
  }
  const fits = image.width === width && image.height === height && image.data.length === width * height * 3;
  if (fits) return image;
  throw new JepilotError(
    'shape-mismatch',
    `camera '${name}' gives ${image.width}x${image.height} pictures of ${image.data.length} bytes; ` +
      `model '${manifest.name}' needs ${width}x${height} of ${width * height * 3}`,
  );
}

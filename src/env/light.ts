import { DEFAULT_LIGHT, type Light } from './ray-camera.ts';
import type { Variation } from './task.ts';

/** The light of a variation that spreads `lightFactors`. */
export function lightOf(variation: Variation): Light {
  const angle = variation['lightAngle'] ?? 0;
  const [x, y, z] = DEFAULT_LIGHT.from;
  return {
    from: [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z],
    intensity: variation['light'] ?? 1,
  };
}

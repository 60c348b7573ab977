import { DEFAULT_LIGHT, type Light } from './ray-camera.ts';
import type { Factor, Variation } from './task.ts';

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

/** The light of a variation that spreads `lightFactors`. */
export function lightOf(variation: Variation): Light {
  const angle = variation['lightAngle'] ?? 0;
  const [x, y, z] = DEFAULT_LIGHT.from;
  return {
    from: [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z],
    intensity: variation['light'] ?? 1,
  };
}

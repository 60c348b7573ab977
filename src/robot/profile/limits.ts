import { defaultLimits, tighten, type SafetyLimits } from '../../safety/limits.ts';
import type { RobotProfile } from './schema.ts';

/** The safety envelope that a profile asks for. Throws `out-of-range` where it would loosen it; `place` names the file. */
export function limitsOf({ limits }: Pick<RobotProfile, 'limits'>, place: string): SafetyLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return tighten(defaultLimits, Object.fromEntries(given), place);
}

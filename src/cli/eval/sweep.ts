import type { SweepSpec } from '../../evaluation/suite.ts';
import { JepilotError } from '../../errors.ts';
import type { PlanningSettings } from '../../planning/settings.ts';

const names = ['samples', 'iterations', 'horizon'] as const;
type Name = (typeof names)[number];

/** Of a setting that is named without values. */
const FACTORS = [0.25, 0.5, 1, 2];

function refuse(text: string): never {
  throw new JepilotError(
    'invalid-value',
    `--sweep ${text}: expected settings with or without values, such as --sweep samples=16:64:256,iterations`,
  );
}

/** `samples=16:64,iterations`: the values named, or a quarter, half, once and twice the model's own. */
export function parseSweep(text: string, own: PlanningSettings | null): SweepSpec {
  const parts = text.split(',').map((part): [Name, number[]] => {
    const [given = '', values] = part.trim().split('=');
    const name = names.find((known) => known === given) ?? refuse(text);
    if (values === undefined) {
      const centre = own?.[name] ?? refuse(text);
      return [name, [...new Set(FACTORS.map((factor) => Math.max(1, Math.round(factor * centre))))]];
    }
    const numbers = values.split(':').map(Number);
    if (!numbers.every((n) => Number.isInteger(n) && n >= 1)) refuse(text);
    return [name, numbers];
  });
  return Object.fromEntries(parts);
}

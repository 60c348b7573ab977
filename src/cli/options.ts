import { JepilotError } from '../errors.ts';

/** A yargs option that takes a whole number of at least `minimum`. */
export const whole = (name: string, minimum: number) =>
  numeric(name, (n) => Number.isInteger(n) && n >= minimum, `a whole number from ${minimum}`);

/** `metric` and `latent` by name, summed over the horizon; any other objective as JSON. */
export const objective = {
  type: 'string' as const,
  requiresArg: true,
  coerce(text: string | undefined): unknown {
    if (text === undefined) return undefined;
    if (text === 'metric' || text === 'latent') return { kind: text, over: 'sum' };
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new JepilotError('invalid-value', `--objective is ${text}; it takes metric, latent, or JSON`, {
        cause,
      });
    }
  },
};

/** A yargs option that takes a number above zero. */
export const positive = (name: string) =>
  numeric(name, (n) => Number.isFinite(n) && n > 0, 'a number above 0');

function numeric(name: string, ok: (n: number) => boolean, wanted: string) {
  return {
    type: 'number' as const,
    requiresArg: true,
    coerce(value: unknown): number {
      // An option that was not given arrives as undefined and stays so; yargs calls coerce all the same.
      if (value === undefined) return undefined as unknown as number;
      if (typeof value === 'number' && ok(value)) return value;
      throw new JepilotError('invalid-value', `--${name} is ${JSON.stringify(value)}; it takes ${wanted}`);
    },
  };
}

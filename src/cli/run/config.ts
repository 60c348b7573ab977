import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { JepilotError, reasonOf } from '../../errors.ts';
import { PlanningOverrides } from '../../planning/settings.ts';
import { precisionPreferences } from '../../world-model/precision.ts';
import { providerPreferences } from '../../world-model/provider.ts';

/** Everything that a run may be told, by flags or in a file; flags win. */
export const RunOptions = z
  .strictObject({
    /** Of which task a configuration is; a file for another one is refused. */
    task: z.string(),
    model: z.string(),
    track: z.string(),
    seed: z.int().min(0),
    /** Factors of variation that differ from their defaults. */
    set: z.record(z.string(), z.number()),
    /** A PNG of what is to be reached, in place of the episode's own goal. */
    goal: z.string(),
    mode: z.enum(['realtime', 'fast']),
    /** Seconds that a plan may take; only in real time. */
    deadline: z.number().positive(),
    /** Control steps per second of wall time; only in real time. */
    rate: z.number().positive(),
    /** Control steps from an observation to the first action that is planned from it. */
    latency: z.int().min(0),
    /** Hold while surprise or disagreement exceed the model's calibrated limits. */
    guard: z.boolean(),
    /** End once the model's own account says that the goal is reached. */
    untilReached: z.boolean(),
    /** `auto`: as large a search as the time between plans allows on this machine. */
    budget: z.enum(['own', 'auto']),
    /** Address of an openpi server that plans. */
    policy: z.string(),
    provider: z.enum(providerPreferences),
    precision: z.enum(precisionPreferences),
    threads: z.int().positive(),
  })
  .extend(PlanningOverrides.shape)
  .partial();
export type RunOptions = z.infer<typeof RunOptions>;

/** Reads a configuration file (JSON, the keys of `RunOptions`). Unknown keys and wrong values fail by name. */
export function readOptions(path: string): RunOptions {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  return parseOptions(json, path);
}

export function parseOptions(json: unknown, place: string): RunOptions {
  const parsed = RunOptions.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = issue?.path.join('.');
  throw new JepilotError(
    'invalid-value',
    `${place}: ${key ? `'${key}': ` : ''}${issue?.message ?? 'invalid'}`,
    {
      cause: parsed.error,
    },
  );
}

/** `--set door=0.2,light=1.1` (or given several times) as a record. */
export function parseFactors(texts: readonly string[]): Record<string, number> {
  const pairs = texts.flatMap((text) => text.split(','));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
      const number = value === '' ? NaN : Number(value);
      if (name && Number.isFinite(number)) return [name, number];
      throw new JepilotError(
        'invalid-value',
        `--set ${pair}: expected factor=number, such as --set light=1.2`,
      );
    }),
  );
}

/** The planning settings among the options. */
export const overridesOf = (options: RunOptions): PlanningOverrides =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name in PlanningOverrides.shape && value !== undefined),
  );

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Facts } from './recorder.ts';
import { canonicalJson } from '../spec.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import { toJson } from './json-lines.ts';

/** Names a model: the SHA-256 of its manifest as canonical JSON, which holds the hashes of its graphs. */
export const modelHash = (manifest: ModelManifest): string =>
  createHash('sha256').update(canonicalJson(manifest)).digest('hex');

/** A value that stands as JSON in the text of a metadata record. */
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `no JSON: ${reasonOf(error)}` });
        return z.NEVER;
      }
    })
    .pipe(schema);

const numbers = z.array(z.number());
const names = z.array(z.string());

/** The metadata record `run`: what it takes to play the run again, or to doubt it. */
export const RunFacts = z.object({
  format: z.literal('1'),
  /** Version of JEPilot. */
  version: z.string(),
  command: z.string(),
  task: z.string(),
  planner: z.string(),
  /** Settings of the search; null for a policy without a model. */
  settings: json(z.record(z.string(), z.unknown()).nullable()),
  replanInterval: json(z.int()),
  iterations: json(z.int()),
  /** The model's name, the folder as it was named, and `modelHash`. */
  model: json(z.object({ name: z.string(), source: z.string(), sha256: z.string() }).nullable()),
  mode: z.enum(['realtime', 'fast']),
  latency: json(z.int()),
  /** Seconds per control step of the task, and ticks per second of wall time. */
  controlPeriod: json(z.number()),
  rate: json(z.number()),
  episode: json(
    z.object({ seed: z.int(), track: z.string(), variation: z.record(z.string(), z.number()) }).nullable(),
  ),
  /** Every factor of the scene, those left at their defaults too; empty where there is no simulator. */
  variation: json(z.record(z.string(), z.number())),
  /** The simulator's state at the first observation: exact, so that a replay needs no luck. */
  start: json(z.object({ physics: numbers, step: z.int(), met: z.int() }).nullable()),
  /** The simulated robot stood on its brakes while it was not armed. */
  brakes: json(z.boolean()).optional(),
  /** `episode`: the task's own goal; `picture`: one of the user's, which nobody can measure a distance to. */
  goal: z.enum(['episode', 'picture']),
  action: json(
    z.object({
      names,
      minimum: numbers,
      maximum: numbers,
      mode: z.enum(['position', 'velocity', 'effort', 'delta']),
    }),
  ),
  stateNames: json(names),
  cameras: json(z.array(z.object({ name: z.string(), width: z.int(), height: z.int() }))),
  distanceUnit: z.string(),
  /** Execution provider of the model; empty without a model. */
  provider: z.string(),
  config: json(z.record(z.string(), z.unknown())),
  machine: json(z.record(z.string(), z.union([z.string(), z.number()]))),
  /** ISO 8601 time of second 0, and whether seconds are the wall's or the simulator's. */
  started: z.string(),
  clock: z.enum(['monotonic', 'virtual']),
});
export type RunFacts = z.infer<typeof RunFacts>;

/** The metadata record `result`: a recording without it was cut. */
export const ResultFacts = z.object({
  /** Why the run ended before its time; empty when it did not. */
  stopped: z.string(),
  result: json(z.record(z.string(), z.unknown())),
  /** Messages left out because the disk was too slow. */
  dropped: json(z.object({ image: z.int(), data: z.int() })),
});
export type ResultFacts = z.infer<typeof ResultFacts>;

/** Text by key: strings as they are, everything else as JSON. */
export const factsOf = (values: RunFacts | ResultFacts): Facts =>
  new Map(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : toJson(value)]),
  );

/** Reads a metadata record. Throws JepilotError('bad-file') that names the file and the key. */
export function readFacts<T>(schema: z.ZodType<T>, name: string, facts: Facts, place: string): T {
  const parsed = schema.safeParse(Object.fromEntries(facts));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = issue?.path.join('.') ?? '';
  throw new JepilotError(
    'bad-file',
    `${place}: metadata '${name}', key '${key}': ${issue?.message ?? 'invalid'}`,
    {
      cause: parsed.error,
    },
  );
}

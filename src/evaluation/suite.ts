import { z } from 'zod';
import { FIRST_EVALUATION_SEED } from '../env/episode.ts';
import { PlanningSettings } from '../planning/settings.ts';

const count = z.int().positive();
const text = z.string().min(1);
const axis = z.array(count).min(1);

/** Where an issue lies; an unknown key is told by its own place. */
export const placeOf = (issue: z.core.$ZodIssue): PropertyKey[] =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : [...issue.path];

/** Hands on what an entry's own schema found, with its place. */
function refuse(context: z.RefinementCtx, error: z.ZodError): never {
  for (const issue of error.issues) {
    context.addIssue({ code: 'custom', message: issue.message, path: placeOf(issue) });
  }
  return z.NEVER;
}

/** A track of the task, at one or several distances where `offsets` are given. */
const PlainTrack = z.strictObject({
  track: text,
  offsets: axis.optional(),
  hold: count.optional(),
  budget: count.optional(),
});
/** Unsolved at the start, held at the end for `hold` control steps, by a legal route. */
const StrictTrack = z.strictObject({
  track: z.literal('strict'),
  from: text.optional(),
  hold: count.default(5),
});
/** Each factor alone, swept over its whole range at `points` values, beyond what training showed. */
const OodTrack = z.strictObject({
  track: z.literal('ood'),
  from: text.optional(),
  factors: z.array(text).min(1).optional(),
  points: z.int().min(2).default(5),
});
/** The simulator moves on while the planner thinks, for each of `steps` control steps. */
const LatencyTrack = z.strictObject({
  track: z.literal('latency'),
  from: text.optional(),
  steps: z.array(z.int().min(0)).min(1),
});
/** No simulator: clips of a recorded data set. */
const OpenLoopTrack = z.strictObject({
  track: z.literal('open-loop'),
  data: text,
  clips: count.default(100),
  /** Model steps. */
  horizon: count.default(10),
  samples: count.default(64),
});

const special = { strict: StrictTrack, ood: OodTrack, latency: LatencyTrack, 'open-loop': OpenLoopTrack };
export type OpenLoopEntry = z.infer<typeof OpenLoopTrack>;
export type TrackEntry =
  | { readonly kind: 'plain'; readonly entry: z.infer<typeof PlainTrack> }
  | { readonly kind: 'strict'; readonly entry: z.infer<typeof StrictTrack> }
  | { readonly kind: 'ood'; readonly entry: z.infer<typeof OodTrack> }
  | { readonly kind: 'latency'; readonly entry: z.infer<typeof LatencyTrack> }
  | { readonly kind: 'open-loop'; readonly entry: OpenLoopEntry };

const isSpecial = (name: unknown): name is keyof typeof special =>
  typeof name === 'string' && Object.hasOwn(special, name);

/** A name alone, or one with options; the name says which options there are. */
const TrackSchema = z.unknown().transform((entry, context): TrackEntry => {
  const given = typeof entry === 'string' ? { track: entry } : entry;
  const name: unknown = (given as { track?: unknown } | null | undefined)?.track;
  const kind = isSpecial(name) ? name : 'plain';
  const parsed = (kind === 'plain' ? PlainTrack : special[kind]).safeParse(given);
  if (parsed.success) return { kind, entry: parsed.data } as TrackEntry;
  return refuse(context, parsed.error);
});

/** A planner or policy by name, with settings that differ from the model's; or somebody else's policy by its address. */
const PlannerOptions = z
  .strictObject({
    planner: text.optional(),
    /** `ws://HOST:PORT` of a server that speaks openpi's protocol. */
    policy: z
      .string()
      .regex(/^wss?:\/\/\S+$/, 'expected ws://HOST:PORT')
      .optional(),
    label: text.optional(),
  })
  .extend(PlanningSettings.omit({ planner: true }).partial().shape);
const PlannerEntry = z.unknown().transform((entry, context): z.infer<typeof PlannerOptions> => {
  const parsed = PlannerOptions.safeParse(typeof entry === 'string' ? { planner: entry } : entry);
  if (parsed.success) return parsed.data;
  return refuse(context, parsed.error);
});
export type PlannerEntry = z.infer<typeof PlannerEntry>;

/** Models that differ in nothing but the seed of their training. */
const Family = z.strictObject({ family: text, models: z.array(text).min(1) });
const ModelEntry = z.union([text, Family], { error: 'expected a model’s name, or family and models' });
export type ModelEntry = z.infer<typeof ModelEntry>;

/** What may be said for the whole suite, or for one task of it. */
const axes = {
  episodes: count.optional(),
  /** The first episode's seed; seeds below 1,000,000 are for training data. */
  seed: z.int().min(FIRST_EVALUATION_SEED).optional(),
  models: z.array(ModelEntry).min(1).optional(),
  planners: z.array(PlannerEntry).min(1).optional(),
  tracks: z.array(TrackSchema).min(1).optional(),
  latencies: z.array(z.int().min(0)).min(1).optional(),
  factors: z.array(z.record(z.string(), z.number())).min(1).optional(),
  sweep: z
    .strictObject({ samples: axis.optional(), iterations: axis.optional(), horizon: axis.optional() })
    .optional(),
};

const TaskOptions = z.strictObject({ task: text, ...axes });
const TaskEntry = z.unknown().transform((entry, context): z.infer<typeof TaskOptions> => {
  const parsed = TaskOptions.safeParse(typeof entry === 'string' ? { task: entry } : entry);
  if (parsed.success) return parsed.data;
  return refuse(context, parsed.error);
});
export type TaskEntry = z.infer<typeof TaskEntry>;

/** Tasks × models × planners × tracks × latencies × factors × settings, each combination over the same seeds. */
export const Suite = z.strictObject({
  suite: z.string().regex(/^[\w.-]+$/, 'expected letters, digits, dots and dashes'),
  about: z.string().optional(),
  ...axes,
  tasks: z.array(TaskEntry).min(1),
  /** The planner, by its label, that others are compared with; the first one by default. */
  reference: text.optional(),
});
export type Suite = z.infer<typeof Suite>;
export type SweepSpec = NonNullable<Suite['sweep']>;

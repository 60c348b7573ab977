import { standardTrack, type Task } from '../env/task.ts';
import { factorOf } from '../env/variation.ts';
import type { PlanningOverrides } from '../planning/settings.ts';
import type { Axis, CellRequest } from './cell.ts';
import type { ModelEntry, PlannerEntry, Suite, SweepSpec, TaskEntry, TrackEntry } from './suite.ts';
import { atOffset, strictOf, type TrackSpec } from './track-spec.ts';

/** A cell that is asked for, before models are read and settings are settled. */
export interface AskedCell {
  readonly request: CellRequest;
  readonly label: string;
  readonly family: string | null;
  readonly axis: Axis | null;
  readonly seed: number;
  readonly episodes: number;
}

/** A track with what its entry varies: latency, factors. */
interface Variant {
  readonly track: TrackSpec;
  readonly axis: Axis | null;
  readonly latency?: number;
  readonly variation?: Readonly<Record<string, number>>;
}

type PlainEntry = Extract<TrackEntry, { kind: 'plain' }>['entry'];

/** What only the rooms can tell. */
export interface Rooms {
  task(name: string): Task;
  /** A planner that neither model nor settings change. */
  isModelFree(planner: string): boolean;
  /** The models among `names` that are for this task. */
  modelsFor(task: Task, names: readonly string[]): readonly string[];
}

const DEFAULTS = { episodes: 100, seed: 1_000_000 };
export type Machine = Pick<CellRequest, 'provider' | 'threads'>;

function steps(low: number, high: number, points: number, isWhole: boolean): number[] {
  const values = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const tidy = values.map((v) => (isWhole ? Math.round(v) : Number(v.toPrecision(6))));
  return [...new Set(tidy)];
}

function factorVariants(task: Task, track: TrackSpec, names: readonly string[], points: number): Variant[] {
  return names.flatMap((name) => {
    const { minimum, maximum, values, whole = false } = factorOf(task, name);
    return (values ?? steps(minimum, maximum, points, whole)).map((value) => ({
      track,
      axis: { kind: 'factor' as const, name, value },
      variation: { [name]: value },
    }));
  });
}

function plainVariants({ track: name, hold, budget, offsets }: PlainEntry): Variant[] {
  const rules = { ...(hold !== undefined && { hold }), ...(budget !== undefined && { budget }) };
  if (!offsets) return [{ track: { name, ...rules }, axis: null }];
  return offsets.map((offset) => ({
    track: { ...atOffset(name, offset), ...rules },
    axis: { kind: 'distance', name: 'offset', value: offset },
  }));
}

function variantsOf(task: Task, given: TrackEntry): Variant[] {
  const standard = standardTrack(task).name;
  switch (given.kind) {
    case 'plain':
      return plainVariants(given.entry);
    case 'strict':
      return [{ track: strictOf(given.entry.from ?? standard, given.entry.hold), axis: null }];
    case 'ood': {
      const { from = standard, factors = Object.keys(task.factors), points } = given.entry;
      return factorVariants(task, { name: from }, factors, points);
    }
    case 'latency':
      return given.entry.steps.map((latency) => ({
        track: { name: given.entry.from ?? standard },
        axis: { kind: 'latency', name: 'latency', value: latency },
        latency,
      }));
    case 'open-loop':
      return [];
  }
}

/** Every combination of the settings that a sweep names; one empty combination without a sweep. */
function combinations(sweep: SweepSpec | undefined): PlanningOverrides[] {
  const axes = Object.entries(sweep ?? {});
  return axes.reduce<PlanningOverrides[]>(
    (all, [name, values = []]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

const inWords = (overrides: PlanningOverrides): string =>
  Object.entries(overrides)
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('');

/** What an entry changes of the model's own settings. */
const settingsOf = (entry: PlannerEntry): PlanningOverrides =>
  Object.fromEntries(
    Object.entries(entry).filter(([name]) => !['planner', 'policy', 'label'].includes(name)),
  );

const labelOf = (entry: PlannerEntry): string =>
  entry.label ?? `${entry.planner ?? entry.policy ?? 'own planner'}${inWords(settingsOf(entry))}`;

interface NamedModel {
  readonly model?: string;
  readonly family: string | null;
}

const modelsOf = (entries: readonly ModelEntry[] | undefined): NamedModel[] =>
  entries?.flatMap((entry): NamedModel[] =>
    typeof entry === 'string'
      ? [{ model: entry, family: null }]
      : entry.models.map((model) => ({ model, family: entry.family })),
  ) ?? [{ family: null }];

/** Who plans: models that fit × planners × sweep; a policy without a model comes once. */
function plannersOf(task: Task, suite: Suite, entry: TaskEntry, rooms: Rooms) {
  const planners: readonly PlannerEntry[] = entry.planners ?? suite.planners ?? [{}];
  const models = modelsOf(entry.models ?? suite.models);
  const sweep = combinations(entry.sweep ?? suite.sweep);
  return planners.flatMap((who) => {
    const { planner, policy } = who;
    const overrides = settingsOf(who);
    const label = labelOf(who);
    const named = { ...(planner !== undefined && { planner }), ...(policy !== undefined && { policy }) };
    if (policy !== undefined || (planner !== undefined && rooms.isModelFree(planner))) {
      return [{ named, overrides, label, family: null, swept: false }];
    }
    const fitting = models.filter(
      ({ model }) => model === undefined || rooms.modelsFor(task, [model]).length > 0,
    );
    return fitting.flatMap(({ model, family }) =>
      sweep.map((change) => ({
        named: { ...named, ...(model !== undefined && { model }) },
        overrides: { ...overrides, ...change },
        label: `${label}${inWords(change)}`,
        family,
        swept: Object.keys(change).length > 0,
      })),
    );
  });
}

function cellsOfTask(suite: Suite, entry: TaskEntry, rooms: Rooms, machine: Machine): AskedCell[] {
  const task = rooms.task(entry.task);
  const tracks = entry.tracks ?? suite.tracks;
  const variants: Variant[] = tracks?.flatMap((track) => variantsOf(task, track)) ?? [
    { track: { name: standardTrack(task).name }, axis: null },
  ];
  const latencies = entry.latencies ?? suite.latencies ?? [0];
  const factors = entry.factors ?? suite.factors ?? [{}];
  const seed = entry.seed ?? suite.seed ?? DEFAULTS.seed;
  const episodes = entry.episodes ?? suite.episodes ?? DEFAULTS.episodes;
  return variants.flatMap((variant) =>
    plannersOf(task, suite, entry, rooms).flatMap(({ named, overrides, label, family, swept }) =>
      (variant.latency === undefined ? latencies : [variant.latency]).flatMap((latency) =>
        factors.map((fixed) => ({
          request: {
            task: entry.task,
            track: variant.track,
            ...named,
            overrides,
            latency,
            variation: { ...fixed, ...variant.variation },
            toEnd: variant.track.strict === true,
            ...machine,
          },
          label,
          family,
          axis: variant.axis ?? (swept ? { kind: 'compute' as const, name: 'evaluations', value: 0 } : null),
          seed,
          episodes,
        })),
      ),
    ),
  );
}

/** The closed-loop cells that a suite stands for, in its own order. Throws `unknown-name` for tracks and factors. */
export const expandSuite = (suite: Suite, rooms: Rooms, machine: Machine): AskedCell[] =>
  suite.tasks.flatMap((entry) => cellsOfTask(suite, entry, rooms, machine));

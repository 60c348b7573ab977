import { concat, extent, slice, type Tensor } from '../tensor.ts';
import type { WorldModel } from '../world-model/world-model.ts';

/** The calls that can be run as one, with what they take and give. */
type Joined = 'encode' | 'evaluate' | 'timeToGo' | 'predict' | 'prior' | 'disagreement';
type Arguments<K extends Joined> = Parameters<WorldModel[K]>;
type Result<K extends Joined> = Awaited<ReturnType<WorldModel[K]>>;

interface Waiting {
  readonly kind: Joined;
  /** Calls of one kind and key can be run together. */
  readonly key: string;
  readonly args: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How several calls become one, and one result becomes several again. */
interface Joint<K extends Joined> {
  readonly key: (args: Arguments<K>) => string;
  readonly join: (all: readonly Arguments<K>[]) => Arguments<K>;
  readonly rows: (args: Arguments<K>) => number;
  readonly part: (result: Result<K>, from: number, to: number) => Result<K>;
}

const shapeOf = (t: Tensor): string => t.shape.slice(1).join();
const twoTensors = (all: readonly (readonly [Tensor, Tensor])[]): [Tensor, Tensor] => [
  concat(all.map(([first]) => first)),
  concat(all.map(([, second]) => second)),
];
const pairs = {
  key: ([first, second]: readonly [Tensor, Tensor]) => `${shapeOf(first)} ${shapeOf(second)}`,
  join: twoTensors,
  rows: ([first]: readonly [Tensor, Tensor]) => extent(first, 0),
};

const joints: { readonly [K in Joined]: Joint<K> } = {
  encode: {
    key: () => '',
    join: (all) => [all.flatMap(([windows]) => windows)],
    rows: ([windows]) => windows.length,
    part: slice,
  },
  evaluate: {
    key: ([[job]]) => (job ? `${extent(job.actions, 1)} ${extent(job.context.latents, 0)}` : ''),
    join: (all) => [all.flatMap(([jobs]) => jobs)],
    rows: ([jobs]) => jobs.length,
    part: (evaluations, from, to) => evaluations.slice(from, to),
  },
  timeToGo: { ...pairs, part: (values, from, to) => values && values.slice(from, to) },
  predict: { ...pairs, part: slice },
  disagreement: { ...pairs, part: (values, from, to) => values.slice(from, to) },
  prior: {
    ...pairs,
    part: ({ mean, std }, from, to) => ({ mean: slice(mean, from, to), std: slice(std, from, to) }),
  },
};

/** A model for plans that are made side by side. */
export interface Lockstep {
  /** For all of them. Shares the model: disposing of it does nothing. */
  readonly model: WorldModel;
  /** Does tasks that use `model` side by side; what all of them wait for at once is run as one. */
  readonly together: <T>(tasks: readonly (() => Promise<T>)[]) => Promise<PromiseSettledResult<T>[]>;
}

/**
 * Lets the plans of several robots go through a model together: larger runs use a processor better than many small ones.
 * A task alone is served at once, bit for bit as without this. `current` is asked at each run, so a model may be replaced.
 */
export function lockstep(current: () => WorldModel): Lockstep {
  let active = 0;
  let waiting: Waiting[] = [];

  function call<K extends Joined>(kind: K, args: Arguments<K>): Promise<Result<K>> {
    if (active <= 1) return invoke(current(), kind, args);
    return new Promise<Result<K>>((resolve, reject) => {
      const key = `${kind} ${joints[kind].key(args)}`;
      waiting.push({ kind, key, args, resolve: resolve as (value: unknown) => void, reject });
      flushIfAllWait();
    });
  }

  function flushIfAllWait(): void {
    if (waiting.length === 0 || waiting.length < active) return;
    const all = waiting;
    waiting = [];
    const keys = [...new Set(all.map(({ key }) => key))];
    void runGroups(
      current(),
      keys.map((key) => all.filter((one) => one.key === key)),
    );
  }

  const model: WorldModel = {
    get manifest() {
      return current().manifest;
    },
    get provider() {
      return current().provider;
    },
    encode: (...args) => call('encode', args),
    evaluate: (...args) => call('evaluate', args),
    timeToGo: (...args) => call('timeToGo', args),
    predict: (...args) => call('predict', args),
    prior: (...args) => call('prior', args),
    disagreement: (...args) => call('disagreement', args),
    gradient: (job) => current().gradient(job),
    prepare: (horizon, objective) => current().prepare(horizon, objective),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return {
    model,
    together(tasks) {
      active += tasks.length;
      const leave = (): void => {
        active--;
        flushIfAllWait();
      };
      return Promise.allSettled(tasks.map((task) => task().finally(leave)));
    },
  };
}

const invoke = <K extends Joined>(model: WorldModel, kind: K, args: Arguments<K>): Promise<Result<K>> =>
  (model[kind] as (...args: Arguments<K>) => Promise<Result<K>>)(...args);

async function runGroups(model: WorldModel, groups: readonly (readonly Waiting[])[]): Promise<void> {
  for (const group of groups) await runGroup(model, group);
}

/** One run for a group. Where that fails, each call is run by itself, so that only the one at fault learns of it. */
async function runGroup(model: WorldModel, group: readonly Waiting[]): Promise<void> {
  const kind = group[0]!.kind;
  const joint = joints[kind] as unknown as Joint<'predict'>;
  const all = group.map(({ args }) => args as Arguments<'predict'>);
  try {
    const result = await invoke(model, kind as 'predict', joint.join(all));
    let from = 0;
    group.forEach(({ resolve }, i) => {
      const to = from + joint.rows(all[i]!);
      resolve(joint.part(result, from, to));
      from = to;
    });
  } catch (error) {
    if (group.length === 1) group[0]!.reject(error);
    else for (const one of group) await runGroup(model, [one]);
  }
}

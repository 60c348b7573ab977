import type { Cell, PlannedCell } from '#src/evaluation/cell.js';
import { episodeId } from '#src/evaluation/cell.js';
import type { EpisodeLine } from '#src/evaluation/episode-line.js';
import { resultsOf, type Results } from '#src/evaluation/results.js';
import { situationId, type Situation } from '#src/evaluation/situation.js';

const CELL: Cell = {
  task: 'maze',
  track: { name: 'compat' },
  planner: 'p',
  model: null,
  policy: null,
  settings: null,
  replanInterval: 5,
  iterations: 1,
  latency: 0,
  variation: {},
  toEnd: false,
  provider: null,
  threads: 1,
  version: '1',
};

const line = (cell: string, seed: number, success: boolean): EpisodeLine => ({
  id: episodeId(cell, seed),
  cell,
  seed,
  success,
  stepsToSuccess: success ? 10 + seed : null,
  successAtEnd: success,
  steps: success ? 10 + seed : 50,
  finalDistance: success ? 0.1 : 2,
  holds: 0,
  tails: 0,
  clamps: 0,
  actions: 'a',
  heldSteps: success ? 1 : 0,
  illegalSteps: 0,
  plans: 2,
  evaluations: 100,
  planMs: [4, 6],
  playMs: 12,
});

/** Results of planners by name, with one letter an episode: `+` won, `-` failed, `x` lost; seeds from 0. */
export function resultsFrom(outcomes: Readonly<Record<string, string>>): Results {
  const cells = Object.entries(outcomes).map(([label, letters]): PlannedCell => ({
    id: `cell-${label}`,
    cell: { ...CELL, planner: label },
    request: {
      task: 'maze',
      track: { name: 'compat' },
      overrides: {},
      latency: 0,
      variation: {},
      provider: 'cpu',
      threads: 1,
      toEnd: false,
    },
    label,
    family: null,
    isMain: true,
    axes: [],
    outside: [],
    seed: 0,
    episodes: letters.length,
    controlPeriod: 0.1,
    distanceUnit: 'm',
  }));
  const lines = new Map<string, EpisodeLine>();
  const lost = cells.flatMap(({ id, label }) =>
    Array.from(outcomes[label] ?? '').flatMap((letter, seed) => {
      if (letter === 'x') return [{ cell: id, seed, reason: 'the worker <died>' }];
      lines.set(episodeId(id, seed), line(id, seed, letter === '+'));
      return [];
    }),
  );
  const situations = new Map<string, Situation>();
  for (let seed = 0; seed < 100; seed++) {
    const id = situationId(CELL, seed);
    const drawn = { goal: [], start: [], hash: `h${seed}`, distance: 1, reference: 10 };
    situations.set(id, { id, task: 'maze', track: 'compat', seed, variation: {}, ...drawn });
  }
  return resultsOf({
    suite: { suite: 's' },
    version: '1',
    cells,
    episode: (id) => lines.get(id),
    situation: (id) => situations.get(id),
    lost,
    openLoop: [],
  });
}

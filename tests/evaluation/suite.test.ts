import { describe, expect, it } from 'vitest';
import { twoRoom } from '#envs/two-room/task.js';
import { expandSuite, type Rooms } from '#src/evaluation/expand.js';
import { parseSuite } from '#src/evaluation/suite-file.js';
import { withTrack } from '#src/evaluation/track-spec.js';

const rooms: Rooms = {
  task: () => twoRoom,
  isModelFree: (planner) => planner === 'random',
  modelsFor: (_task, names) => names.filter((name) => name.startsWith('two')),
};
const machine = { provider: 'cpu', threads: 1 } as const;
const cells = (yaml: string) => expandSuite(parseSuite(yaml, 'x.yaml'), rooms, machine);

describe('a suite file', () => {
  it.each([
    ['suite: a\ntasks: [t]\nplaners: [x]', /^x\.yaml:3: 'planers': Unrecognized key/],
    ['suite: a\ntasks:\n  - task: t\n    episodes: 0', /^x\.yaml:4: 'tasks\.0\.episodes': Too small/],
    ['suite: a\ntasks:\n  - t\ntracks:\n  - track: strict\n    hold: no', /^x\.yaml:6: 'tracks\.0\.hold'/],
    ['suite: a\ntasks: [t]\nplanners:\n  - planner: cem\n    sample: 3', /^x\.yaml:5: 'planners\.0\.sample'/],
    ['suite: a\nseed: 12\ntasks: [t]', /^x\.yaml:2: 'seed': Too small: .*1000000/],
    ['suite: a\ntasks: [t', /^x\.yaml:2: /],
    ['suite: a', /^x\.yaml:1: 'tasks'/],
  ])('%j is refused by line and key', (yaml, message) => {
    expect(() => parseSuite(yaml, 'x.yaml')).toThrow(message);
  });

  it('may be JSON', () => {
    expect(parseSuite('{"suite": "a", "tasks": ["t"]}', 'x.json').tasks[0]).toEqual({ task: 't' });
  });
});

describe('what a suite stands for', () => {
  it('multiplies models, planners, latencies and factors, and takes a planner without a model once', () => {
    const all = cells(
      'suite: a\ntasks: [two-room]\nmodels: [two-a, two-b, reacher]\nplanners: [cem, random]\nlatencies: [0, 2]\nfactors: [{}, {light: 0.8}]',
    );
    expect(all).toHaveLength((2 + 1) * 2 * 2);
    expect(new Set(all.map(({ request }) => request.model))).toEqual(new Set(['two-a', 'two-b', undefined]));
    expect(all.every(({ seed, episodes }) => seed === 1_000_000 && episodes === 100)).toBe(true);
  });

  it('sweeps settings, distances, factors and latency, each along an axis of its own', () => {
    const swept = cells(
      'suite: a\ntasks: [two-room]\nplanners: [cem]\nsweep: {samples: [8, 16], iterations: [1, 2]}',
    );
    expect(swept.map(({ label }) => label)).toContain('cem samples=8 iterations=2');
    const far = cells('suite: a\ntasks: [two-room]\ntracks: [{track: far, offsets: [25, 50]}]');
    expect(far.map(({ request }) => request.track)).toEqual([
      { name: 'far-25', offset: 25, budget: 50 },
      { name: 'far-50', offset: 50, budget: 100 },
    ]);
    const ood = cells('suite: a\ntasks: [two-room]\ntracks: [{track: ood, factors: [door], points: 3}]');
    expect(ood.map(({ axis }) => axis?.value)).toEqual([-0.35, 0, 0.35]);
    const late = cells(
      'suite: a\ntasks: [two-room]\nlatencies: [7]\ntracks: [{track: latency, steps: [0, 3]}]',
    );
    expect(late.map(({ request }) => request.latency)).toEqual([0, 3]);
  });

  it('lets a task have axes of its own, and tells training seeds by their family', () => {
    const yaml = `suite: a
episodes: 5
tasks:
  - two-room
  - task: two-room
    episodes: 9
    models: [{family: two, models: [two-0, two-1]}]`;
    expect(cells(yaml).map(({ episodes, family }) => [episodes, family])).toEqual([
      [5, null],
      [9, 'two'],
      [9, 'two'],
    ]);
  });
});

describe('a derived track', () => {
  it('keeps the draw of its origin and holds success', () => {
    const task = withTrack(twoRoom, { name: 'strict-far', from: 'far', hold: 5, strict: true });
    expect(task.tracks[0]).toMatchObject({ name: 'strict-far', kind: 'pair', budget: 200, hold: 5 });
    expect(withTrack(twoRoom, { name: 'far' })).toBe(twoRoom);
  });

  it('needs an origin, and no name that the task uses for another', () => {
    expect(() => withTrack(twoRoom, { name: 'near' })).toThrow(
      /no track of task 'two-room' is called 'near'/,
    );
    expect(() => withTrack(twoRoom, { name: 'far', from: 'compat' })).toThrow(
      /give the derived one another name/,
    );
  });
});

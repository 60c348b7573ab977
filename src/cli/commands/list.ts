import type { CommandModule } from 'yargs';
import { tasks } from '#envs/index.js';
import { modelPolicies, planners, policies, privilegedPolicies } from '#policies/index.js';
import { shippedModels } from '../models.ts';

type Row = Readonly<Record<string, string | number>>;

/** A command that lists things, as a table or as JSON. */
const listing = (
  command: string,
  describe: string,
  rows: () => Promise<readonly Row[]>,
  full: () => Promise<unknown>,
): CommandModule<object, { json: boolean }> => ({
  command,
  describe,
  builder: (yargs) =>
    yargs.option('json', { type: 'boolean', default: false, describe: 'everything, as JSON' }),
  async handler({ json }) {
    const text = json ? JSON.stringify(await full(), null, 2) : format(await rows());
    process.stdout.write(`${text}\n`);
  },
});

function format(rows: readonly Row[]): string {
  if (rows.length === 0) return 'none';
  const keys = Object.keys(rows[0]!);
  const width = (key: string) => Math.max(key.length, ...rows.map((row) => String(row[key]).length));
  const line = (cell: (key: string) => string) =>
    keys
      .map((key) => cell(key).padEnd(width(key)))
      .join('  ')
      .trimEnd();
  return [line((key) => key), ...rows.map((row) => line((key) => String(row[key])))].join('\n');
}

export const tasksCommand = listing(
  'tasks',
  'the tasks that are shipped, and their factors of variation',
  async () =>
    tasks.flatMap(({ name, about, tracks, factors }) => [
      { task: name, what: about, default: '', range: '' },
      ...tracks.map((t) => ({
        task: `  --track ${t.name}`,
        what: t.about,
        default: `budget ${t.budget}`,
        range: '',
      })),
      ...Object.entries(factors).map(([factor, f]) => ({
        task: `  --set ${factor}`,
        what: f.about,
        default: f.default,
        range: f.values ? f.values.join(', ') : `${+f.minimum.toFixed(3)} to ${+f.maximum.toFixed(3)}`,
      })),
    ]),
  async () =>
    tasks.map(({ name, about, actionSpec, stateNames, cameras, controlPeriod, factors, tracks }) => ({
      ...{ name, about, actionSpec, stateNames, cameras, controlPeriod, factors },
      tracks: tracks.map((track) => ({ name: track.name, about: track.about, budget: track.budget })),
    })),
);

const planning = () => [
  ...planners.map(({ name, about }) => ({ name, kind: 'planner', about })),
  ...modelPolicies.map(({ name, about }) => ({ name, kind: 'policy on a model', about })),
  ...policies.map(({ name, about }) => ({ name, kind: 'policy', about })),
  ...privilegedPolicies.map(({ name, about }) => ({ name, kind: 'privileged', about })),
];

export const plannersCommand = listing(
  'planners',
  'the planners and the policies',
  async () => planning(),
  async () => planning(),
);

export const modelsCommand = listing(
  'models',
  'the pretrained world models that are shipped',
  async () =>
    (await shippedModels()).map(({ name, manifest: m }) => ({
      name,
      task: m.task,
      latent: m.latentDim,
      frames: m.history.frames,
      'actions a model step': m.action.repeat,
      'plans with': `${m.planning.planner}, ${m.planning.samples} × ${m.planning.iterations}, horizon ${m.planning.horizon}`,
      about: m.description,
    })),
  async () => (await shippedModels()).map(({ folder, manifest }) => ({ folder, ...manifest })),
);

import type { CommandModule } from 'yargs';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { Task } from '../../env/task.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { toJson } from '../../record/json-lines.ts';
import { readRecording, type Recording } from '../../record/recording.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { compareRecordings } from '../../replay/compare.ts';
import { replayOpenLoop } from '../../replay/open-loop.ts';
import { providerPreferences, type ProviderPreference } from '../../world-model/provider.ts';
import { whole } from '../options.ts';
import { replanEach } from '../replay/planners.ts';
import {
  aligned,
  comparisonPage,
  comparisonRows,
  openLoopText,
  partingText,
  replanRows,
} from '../replay/tables.ts';
import { overridesOf, parseOptions } from '../run/config.ts';
import { loadTask } from '../tasks.ts';

interface Arguments {
  file: string;
  'open-loop': boolean | undefined;
  replan: boolean | undefined;
  compare: string | undefined;
  task: string | undefined;
  planner: string | undefined;
  model: string | undefined;
  provider: ProviderPreference;
  report: string | undefined;
  json: boolean;
}

export const replayCommand: CommandModule<object, Arguments> = {
  command: 'replay <file>',
  describe: 'play a recording again: its actions, its observations to a planner, or beside another recording',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'a recording (MCAP)' })
      .option('open-loop', {
        type: 'boolean',
        describe: 'send the recorded actions to the simulator and compare what it shows (default)',
      })
      .option('replan', {
        type: 'boolean',
        describe: 'feed the recorded observations to a planner and compare its plans',
      })
      .option('compare', {
        type: 'string',
        requiresArg: true,
        describe: 'a second recording, to be put beside this one',
      })
      .conflicts('open-loop', ['replan', 'compare'])
      .conflicts('replan', 'compare')
      .option('task', {
        type: 'string',
        requiresArg: true,
        describe: 'the path of the task’s module, where it is none of ours',
      })
      .option('planner', {
        type: 'string',
        requiresArg: true,
        describe: 'with --replan: one or several, with commas between',
      })
      .option('model', {
        type: 'string',
        requiresArg: true,
        describe: 'with --replan: another model of the task',
      })
      .option('horizon', { ...whole('horizon', 1), describe: 'model steps imagined' })
      .option('samples', { ...whole('samples', 1), describe: 'candidate plans per iteration' })
      .option('iterations', { ...whole('iterations', 1), describe: 'iterations of the search' })
      .option('elites', { ...whole('elites', 1), describe: 'candidates that the next iteration learns from' })
      .option('provider', {
        choices: providerPreferences,
        default: 'auto' as const,
        describe: 'execution provider',
      })
      .option('report', {
        type: 'string',
        requiresArg: true,
        describe: 'with --compare: also write a page with charts',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print the result as JSON' })
      .example('$0 replay runs/…/run.mcap', 'do the recorded actions still do what they did?')
      .example('$0 replay run.mcap --replan --planner icem,cem', 'what would these planners have done?')
      .example('$0 replay a.mcap --compare b.mcap --report ab.html', 'two runs side by side'),
  async handler(args) {
    const recording = await readRecording(args.file);
    if (!recording.condition.whole)
      process.stderr.write(`note: ${args.file} is cut; what is there is replayed\n`);
    const { value, text } = await answer(args, recording);
    process.stdout.write(args.json ? `${toJson(value, 2)}\n` : `${text}\n`);
  },
};

interface Answer {
  readonly value: unknown;
  readonly text: string;
}

async function answer(args: Arguments, recording: Recording): Promise<Answer> {
  if (args.compare !== undefined) return compareWith(args.compare, args.report, recording);
  const task = await taskOf(args.task ?? recording.run.task, recording);
  if (args.replan) return replanned(args, task, recording);
  using environment = await mujocoEnvironment(task);
  const result = replayOpenLoop(environment, recording);
  return { value: result, text: openLoopText(recording, result) };
}

async function taskOf(nameOrPath: string, { path, run }: Recording): Promise<Task> {
  try {
    return await loadTask(nameOrPath);
  } catch (cause) {
    const remedy = 'give the module of that task with --task';
    throw new JepilotError(
      'unknown-name',
      `${path} is of task '${run.task}': ${reasonOf(cause)}; ${remedy}`,
      { cause },
    );
  }
}

async function replanned(args: Arguments, task: Task, recording: Recording): Promise<Answer> {
  const { planner, model, provider } = args;
  const names = ['horizon', 'samples', 'iterations', 'elites'] as const;
  const given = { ...args } as Record<string, unknown>;
  const flags = Object.fromEntries(
    names.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  );
  const overrides = overridesOf(parseOptions(flags, 'flags'));
  const results = await replanEach(task, recording, { planner, model, overrides, provider });
  return { value: results, text: aligned(replanRows(recording, results)) };
}

async function compareWith(file: string, report: string | undefined, recording: Recording): Promise<Answer> {
  const other = await readRecording(file);
  const comparison = compareRecordings(recording, other);
  if (report !== undefined) writeWhole(report, comparisonPage(comparison, [recording, other]));
  return { value: comparison, text: `${aligned(comparisonRows(comparison))}\n\n${partingText(comparison)}` };
}

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { CommandModule } from 'yargs';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { standardTrack } from '../../env/task.ts';
import type { CellRequest } from '../../evaluation/cell.ts';
import { parseSuite } from '../../evaluation/suite-file.ts';
import type { EvaluationResult } from '../../evaluation/summary.ts';
import { JepilotError } from '../../errors.ts';
import { checkWritable } from '../check-writable.ts';
import { deepOptions, type DeepArguments } from '../eval/options.ts';
import { evaluateTask } from '../eval/run-task.ts';
import { settleCell } from '../eval/settle.ts';
import { suiteOfTask } from '../eval/task-suite.ts';
import { interruptible } from '../interrupt.ts';
import { whole } from '../options.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { overridesOf, parseOptions } from '../run/config.ts';
import { loadTask } from '../tasks.ts';
import { givenOptions, planningOptions } from './run.ts';

interface Arguments extends DeepArguments {
  task: string;
  episodes: number | undefined;
  seed: number | undefined;
  jobs: number;
  'to-end': boolean;
  json: string | undefined;
}

export const evalCommand: CommandModule<object, Arguments> = {
  command: 'eval <task>',
  describe: 'success rates over many episodes, with intervals: of a task, or of a suite (YAML or JSON)',
  builder: (yargs) =>
    deepOptions(
      planningOptions(yargs)
        .positional('task', {
          type: 'string',
          demandOption: true,
          describe: 'a task’s name, the path of a module, or a suite file',
        })
        .option('episodes', { ...whole('episodes', 1), describe: 'how many episodes (100, or the suite’s)' })
        .option('seed', {
          ...whole('seed', 0),
          describe: `the first episode’s seed (${FIRST_EVALUATION_SEED}, or the suite’s)`,
        })
        .option('jobs', {
          ...whole('jobs', 1),
          default: availableParallelism(),
          describe: 'worker processes; never changes a result',
        })
        .option('to-end', {
          type: 'boolean',
          default: false,
          describe: 'play on after success, to see whether it is held at the end of the budget',
        })
        .option('json', {
          type: 'string',
          requiresArg: true,
          describe: 'also write the result to this file',
        }),
    )
      .example('$0 eval two-room --episodes 400', 'the standard track')
      .example('$0 eval two-room --track far --planner random --episodes 400', 'the floor')
      .example('$0 eval suites/quick.yaml --out runs/quick', 'a suite with its report; run again to continue')
      .example('$0 eval push-t --sweep samples=16:64:256 --out runs/sweep', 'success against compute'),
  handler: (args) => interruptible((signal) => evaluate(args, signal)),
};

const isSuiteFile = (path: string): boolean => /\.(ya?ml|json)$/.test(path);

/** Flags that ask for more than a table: the task becomes a suite of its own. */
const isDeep = ({ out, sweep, until, baseline, junit, queue, ...args }: Arguments): boolean =>
  [out, sweep, until, baseline, junit, queue, args['min-success']].some((value) => value !== undefined);

/** Charts, statistics and queue are loaded by who needs them: other commands start faster without. */
const suites = () => import('../eval/evaluate-suite.ts');

async function evaluate(args: Arguments, signal: AbortSignal): Promise<void> {
  if (args.json !== undefined) checkWritable(args.json);
  if (isSuiteFile(args.task)) {
    const suite = readSuite(args);
    const { evaluateSuite } = await suites();
    await evaluateSuite({ suite, machine: machineOf(args), args, signal });
    return;
  }
  const request = await requestOf(args);
  const { seed, episodes = 100, jobs } = args;
  if (isDeep(args)) {
    const { task, choice } = await settleCell(request);
    const suite = suiteOfTask(task, request, choice.settings, args);
    const { evaluateSuite } = await suites();
    await evaluateSuite({ suite, machine: request, args, signal });
    return;
  }
  const run = { request, seed: seed ?? FIRST_EVALUATION_SEED, episodes, jobs, signal };
  const result = await evaluateTask(run);
  if (args.json !== undefined) writeWhole(args.json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${table(result)}\n`);
}

/** The CPU and one thread a worker unless asked otherwise, so that a seed means a result. */
function machineOf(args: object): Pick<CellRequest, 'provider' | 'threads' | 'precision'> {
  const { provider, threads, precision } = parseOptions(givenOptions({ ...args }), 'flags');
  return {
    provider: provider === undefined || provider === 'auto' ? 'cpu' : provider,
    threads: threads ?? 1,
    ...(precision !== undefined && { precision }),
  };
}

async function requestOf(args: Arguments): Promise<CellRequest> {
  const options = parseOptions(givenOptions({ ...args }), 'flags');
  const { planner, model, policy, track, latency = 0, set = {} } = options;
  const standard = standardTrack(await loadTask(args.task)).name;
  return {
    task: args.task,
    track: { name: track ?? standard },
    ...(planner !== undefined && { planner }),
    ...(model !== undefined && { model }),
    ...(policy !== undefined && { policy }),
    overrides: overridesOf(options),
    latency,
    variation: set,
    toEnd: args['to-end'],
    ...machineOf(args),
  };
}

/** A suite's file with the counts that flags change. Flags that the file itself answers are refused. */
function readSuite(args: Arguments) {
  const allowed = ['provider', 'threads', 'seed'];
  const others = Object.keys(givenOptions({ ...args })).filter((name) => !allowed.includes(name));
  const [odd] = [...others, ...(args['to-end'] ? ['to-end'] : [])];
  if (odd !== undefined) {
    throw new JepilotError('invalid-value', `--${odd} belongs to a task; write it into ${args.task}`);
  }
  if (!existsSync(args.task)) throw new JepilotError('io', `cannot read ${args.task}: there is no such file`);
  const suite = parseSuite(readFileSync(args.task, 'utf8'), args.task);
  const { episodes, seed } = args;
  const changed = { ...(episodes !== undefined && { episodes }), ...(seed !== undefined && { seed }) };
  return { ...suite, ...changed, tasks: suite.tasks.map((task) => ({ ...task, ...changed })) };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const number = (value: number | null, unit: string): string =>
  value === null ? '–' : `${value.toFixed(1)}${unit}`;

function table(result: EvaluationResult): string {
  const { successes, episodes, rate, low, high, heldAtEnd: end, stepsToSuccess, planMs } = result;
  return [
    `${result.task} ${result.track}: ${percent(rate)} (${successes} of ${episodes}; 95 % ${percent(low)} to ${percent(high)})`,
    ...(end
      ? [
          `  held at the end: ${percent(end.rate)} (${end.held}; 95 % ${percent(end.low)} to ${percent(end.high)})`,
        ]
      : []),
    `  planner ${result.planner}, model ${result.model ?? 'none'}, seeds from ${result.seed}, latency ${result.latency}`,
    `  steps to success p50 ${number(stepsToSuccess.p50, '')}, p95 ${number(stepsToSuccess.p95, '')}`,
    `  plan p50 ${number(planMs.p50, ' ms')}, p95 ${number(planMs.p95, ' ms')}, p99 ${number(planMs.p99, ' ms')}`,
  ].join('\n');
}

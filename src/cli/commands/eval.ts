import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { availableParallelism } from 'node:os';
import type { CommandModule } from 'yargs';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { standardTrack, type Task } from '../../env/task.ts';
import { variationOf } from '../../env/variation.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { summarise, type EpisodeRecord, type EvaluationResult } from '../../evaluation/summary.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { pick } from '../../registry.ts';
import { interruptible } from '../interrupt.ts';
import { whole } from '../options.ts';
import { checkLatency, choosePlanning, outsideCoverage, type PlanningRequest } from '../planning.ts';
import { runPool } from '../pool.ts';
import { progress } from '../progress.ts';
import { overridesOf, parseOptions } from '../run/config.ts';
import { loadTask } from '../tasks.ts';
import { version } from '../version.ts';
import type { EvaluateData } from '../workers/evaluate.ts';
import { givenOptions, planningOptions } from './run.ts';

interface Arguments {
  task: string;
  episodes: number;
  seed: number;
  jobs: number;
  'to-end': boolean;
  json: string | undefined;
}

export const evalCommand: CommandModule<object, Arguments> = {
  command: 'eval <task>',
  describe: 'success rate over many episodes, with its interval',
  builder: (yargs) =>
    planningOptions(yargs)
      .option('episodes', { ...whole('episodes', 1), default: 100, describe: 'how many episodes' })
      .option('seed', {
        ...whole('seed', 0),
        default: FIRST_EVALUATION_SEED,
        describe: 'the first episode’s seed',
      })
      .option('jobs', {
        ...whole('jobs', 1),
        default: availableParallelism(),
        describe: 'workers; never changes a result',
      })
      .option('to-end', {
        type: 'boolean',
        default: false,
        describe: 'play on after success, to see whether it is held at the end of the budget',
      })
      .option('json', { type: 'string', requiresArg: true, describe: 'also write the result to this file' })
      .example('$0 eval two-room --episodes 400', 'the standard track')
      .example('$0 eval two-room --track far --planner random --episodes 400', 'the floor'),
  handler: (args) => interruptible((signal) => evaluate(args, signal)),
};

async function evaluate(args: Arguments, signal: AbortSignal): Promise<void> {
  const task = await loadTask(args.task);
  if (args.json !== undefined) checkWritable(args.json);
  const { data, choice } = await prepare(task, args);
  const bar = progress('eval', args.episodes, 'episodes');
  const records: EpisodeRecord[] = [];
  await runPool<EvaluateData, EpisodeRecord>({
    entry: 'evaluate',
    data,
    queue: Array.from({ length: args.episodes }, (_, i) => i),
    jobs: args.jobs,
    signal,
    onResult: (index, record) => {
      records[index] = record;
      bar.advance(note(records));
    },
  });
  bar.stop();
  if (signal.aborted) {
    process.stderr.write(
      `stopped; ${Object.keys(records).length} of ${args.episodes} episodes were played\n`,
    );
  }
  const header = {
    task: task.name,
    model: choice.model?.manifest.name ?? null,
    planner: choice.planner,
    track: data.track,
    seed: args.seed,
    latency: data.latency,
    toEnd: data.toEnd,
    provider: choice.model ? data.request.provider : null,
    version,
    settings: choice.settings,
    variation: data.variation,
  };
  const result = summarise(header, Object.values(records));
  if (args.json !== undefined) writeWhole(args.json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${table(result)}\n`);
}

/** Settles and checks everything before a worker starts. One thread a worker and the CPU, so that a seed means a result. */
async function prepare(task: Task, args: Arguments) {
  const options = parseOptions(givenOptions({ ...args }), 'flags');
  const variation = options.set ?? {};
  const full = variationOf(task, variation);
  const track = pick(
    `track of task '${task.name}'`,
    task.tracks,
    options.track ?? standardTrack(task).name,
  ).name;
  const request: PlanningRequest = {
    planner: options.planner,
    model: options.model,
    overrides: overridesOf(options),
    provider: options.provider === undefined || options.provider === 'auto' ? 'cpu' : options.provider,
    threads: options.threads ?? 1,
    policy: options.policy,
  };
  const choice = await choosePlanning(task, request);
  const latency = options.latency ?? 0;
  checkLatency(choice, latency);
  const outside = choice.model ? outsideCoverage(choice.model.manifest, full) : [];
  if (outside.length > 0) {
    process.stderr.write(`note: outside the model's training data: ${outside.join(', ')}\n`);
  }
  const data: EvaluateData = {
    task: args.task,
    request,
    choice,
    track,
    seed: args.seed,
    latency,
    toEnd: args['to-end'],
    variation,
  };
  return { data, choice };
}

function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new JepilotError('io', `cannot write ${file}: ${reasonOf(cause)}`, { cause });
  }
}

const note = (records: readonly EpisodeRecord[]): string => {
  const done = Object.values(records);
  return `${done.filter((record) => record.success).length}/${done.length} reached`;
};

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

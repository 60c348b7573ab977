import { availableParallelism } from 'node:os';
import type { CommandModule } from 'yargs';
import { JepilotError } from '../../errors.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { readManifest } from '../../world-model/model-files.ts';
import { defaultThreads, openProvider, providerPreferences } from '../../world-model/provider.ts';
import type { BenchRow } from '../bench/case.ts';
import { casesOf, type BenchRequest } from '../bench/cases.ts';
import { loopDelay, type LoopDelay } from '../bench/loop-delay.ts';
import { measure } from '../bench/measure.ts';
import { comparison, delayText, machineName, readEarlier, reportOf, rowText } from '../bench/report.ts';
import { interruptible } from '../interrupt.ts';
import { modelFolder, shippedModels } from '../models.ts';
import { positive, whole } from '../options.ts';

interface Arguments {
  model: string[] | undefined;
  planner: string | undefined;
  samples: number | undefined;
  horizon: number | undefined;
  iterations: number | undefined;
  provider: (typeof providerPreferences)[number];
  precision: ('fp32' | 'int8' | 'fp16')[] | undefined;
  threads: number | undefined;
  robots: number[];
  scaling: boolean;
  seconds: number;
  plans: number;
  json: string | undefined;
  compare: string | undefined;
}

export const benchCommand: CommandModule<object, Arguments> = {
  command: 'bench',
  describe: 'time plans against the limit of this machine’s arithmetic',
  builder: (yargs) =>
    yargs
      .option('model', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'shipped models or folders',
      })
      .option('planner', { type: 'string', requiresArg: true, describe: 'in place of the model’s own' })
      .option('samples', { ...whole('samples', 1), describe: 'candidate plans per iteration' })
      .option('horizon', { ...whole('horizon', 1), describe: 'model steps imagined' })
      .option('iterations', { ...whole('iterations', 1), describe: 'iterations of the search' })
      .option('provider', {
        choices: providerPreferences,
        default: 'auto' as const,
        describe: 'execution provider',
      })
      .option('precision', {
        choices: ['fp32', 'int8', 'fp16'] as const,
        array: true,
        describe: 'arithmetic; fp32 and what the provider has besides, unless given',
      })
      .option('threads', { ...whole('threads', 1), describe: 'threads of the engine; all cores but one' })
      .option('robots', {
        type: 'number',
        array: true,
        default: [4],
        describe: 'robots that share an engine',
      })
      .option('scaling', {
        type: 'boolean',
        default: false,
        describe: 'also vary samples, horizon and threads, one at a time',
      })
      .option('seconds', { ...positive('seconds'), default: 3, describe: 'time for each row at most' })
      .option('plans', { ...whole('plans', 3), default: 200, describe: 'rounds of each row at most' })
      .option('json', { type: 'string', describe: 'the report as JSON: to a file, or alone to stdout' })
      .option('compare', { type: 'string', requiresArg: true, describe: 'a report to set this one beside' })
      .example('$0 bench', 'every shipped model: its own set-up, the published one, four robots')
      .example('$0 bench --model two-room --scaling --json two-room.json', 'and how time grows')
      .example('$0 bench --compare two-room.json', 'what a change has brought'),
  handler: (args) => interruptible((signal) => bench(args, signal)),
};

async function bench(args: Arguments, signal: AbortSignal): Promise<void> {
  const earlier = args.compare === undefined ? null : readEarlier(args.compare);
  const request = await settle(args);
  const cases = casesOf(request);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`${machineName()}; * is a model's own set-up; GFLOP/s count the arithmetic as the model defines it`);
  const rows: BenchRow[] = [];
  for (const one of cases) {
    if (signal.aborted) break;
    try {
      rows.push(await measure(one, args, signal));
      say(rowText(rows.at(-1)!));
    } catch (error) {
      if (!(error instanceof JepilotError) || error.code !== 'bad-model' || one.precision === 'fp32')
        throw error;
      say(`  ${error.message}`);
    }
  }
  const delays: LoopDelay[] = [];
  for (const one of cases.filter((c) => c.default && c.precision === request.precisions[0])) {
    if (signal.aborted) break;
    delays.push(await loopDelay(one, args.seconds, signal));
    say(delayText(delays.at(-1)!));
  }
  const report = reportOf(rows, delays, new Date().toISOString());
  if (earlier) say(comparison(report, earlier).join('\n'));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (args.json === '') process.stdout.write(text);
  else if (args.json !== undefined) writeWhole(args.json, text);
}

async function settle(args: Arguments): Promise<BenchRequest> {
  const folders =
    args.model === undefined
      ? (await shippedModels()).map(({ folder }) => folder)
      : await Promise.all(args.model.map((name) => modelFolder(name, name)));
  if (folders.length === 0)
    throw new JepilotError('unknown-name', 'no model is shipped; name a folder with --model');
  const threads = args.threads ?? defaultThreads();
  const { provider } = (await openProvider(args.provider, threads)).engine;
  const { planner, samples, horizon, iterations } = args;
  const overrides = Object.fromEntries(
    Object.entries({ planner, samples, horizon, iterations }).filter(([, value]) => value !== undefined),
  );
  return {
    models: await Promise.all(
      folders.map(async (folder) => ({ folder, manifest: await readManifest(folder) })),
    ),
    overrides,
    provider,
    precisions: args.precision ?? (provider === 'cpu' ? ['fp32', 'int8'] : ['fp32', 'fp16']),
    threads,
    allThreads: availableParallelism(),
    robots: args.robots.filter((robots) => robots > 1),
    scaling: args.scaling,
  };
}

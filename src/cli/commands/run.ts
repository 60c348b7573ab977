import type { Argv, CommandModule } from 'yargs';
import { JepilotError } from '../../errors.ts';
import { toJson } from '../../record/json-lines.ts';
import { outcome } from '../../record/outcome.ts';
import { precisionPreferences } from '../../world-model/precision.ts';
import { providerPreferences } from '../../world-model/provider.ts';
import { interruptible } from '../interrupt.ts';
import { objective, positive, whole } from '../options.ts';
import { parseFactors, parseOptions, readOptions } from '../run/config.ts';
import { runTask } from '../run/run.ts';
import { loadTask } from '../tasks.ts';

/** Options that say who plans and how; `run`, `eval` and `drive` share them. */
export const plannerOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe: 'a shipped model’s name, or a model folder',
    })
    .option('planner', {
      type: 'string',
      requiresArg: true,
      describe: 'a planner or policy (jepilot planners), or a module’s path',
    })
    .option('policy', {
      type: 'string',
      requiresArg: true,
      describe: 'an openpi server that plans instead: ws://HOST:PORT',
    })
    .option('horizon', { ...whole('horizon', 1), describe: 'model steps imagined' })
    .option('samples', { ...whole('samples', 1), describe: 'candidate plans per iteration' })
    .option('iterations', { ...whole('iterations', 1), describe: 'iterations of the search' })
    .option('elites', { ...whole('elites', 1), describe: 'candidates that the next iteration learns from' })
    .option('prior-proposals', {
      ...whole('prior-proposals', 0),
      describe: 'plans drawn from the model’s action prior that each search begins with',
    })
    .option('shrink', { ...positive('shrink'), describe: 'each population’s share of the one before it' })
    .option('agreement', {
      ...positive('agreement'),
      describe: 'spread of the elites, in half ranges, at which a search ends early',
    })
    .option('objective', {
      ...objective,
      describe: 'what plans minimise: metric, latent (both summed), or JSON',
    })
    .option('replan-interval', { ...whole('replan-interval', 1), describe: 'control steps between plans' })
    .option('latency', {
      ...whole('latency', 0),
      describe: 'control steps from an observation to the actions planned from it',
    })
    .option('provider', { choices: providerPreferences, describe: 'execution provider' })
    .option('precision', {
      choices: precisionPreferences,
      describe: 'arithmetic of the search: auto takes int8 or fp16 where it ranks plans as fp32 does',
    })
    .option('threads', { ...whole('threads', 1), describe: 'threads of the engine' });

/** The task, who plans for it, and how its episodes are drawn; `run` and `eval` share them. */
export const planningOptions = (yargs: Argv) =>
  plannerOptions(
    yargs.positional('task', {
      type: 'string',
      demandOption: true,
      describe: 'a task’s name, or the path of a module',
    }),
  )
    .option('track', {
      type: 'string',
      requiresArg: true,
      describe: 'how start and goal are drawn: compat, far',
    })
    .option('set', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'factor=value of the scene (jepilot tasks)',
    });

/** The shared options that were given, in the form of `RunOptions`. */
export function givenOptions(args: Record<string, unknown>): Record<string, unknown> {
  const names = [
    'model',
    'planner',
    'policy',
    'horizon',
    'samples',
    'iterations',
    'elites',
    'replanInterval',
    'priorProposals',
    'objective',
    'shrink',
    'agreement',
    'budget',
    'latency',
  ];
  const watching = ['guard', 'untilReached'];
  const all = [
    ...names,
    ...watching,
    'provider',
    'precision',
    'threads',
    'track',
    'seed',
    'goal',
    'deadline',
    'rate',
  ];
  const given = Object.fromEntries(
    all.filter((name) => args[name] !== undefined).map((name) => [name, args[name]]),
  );
  const factors = args['set'] as string[] | undefined;
  return factors ? { ...given, set: parseFactors(factors) } : given;
}

interface Arguments {
  task: string;
  config: string | undefined;
  fast: boolean | undefined;
  realtime: boolean | undefined;
  out: string | undefined;
  gif: string | undefined;
  record: string | boolean | undefined;
  json: boolean;
}

export const runCommand: CommandModule<object, Arguments> = {
  command: 'run <task>',
  describe: 'play one episode of a task and leave a folder with its report',
  builder: (yargs) =>
    planningOptions(yargs)
      .option('seed', { ...whole('seed', 0), describe: 'the episode; 1000000 and up are never trained on' })
      .option('deadline', { ...positive('deadline'), describe: 'seconds that a plan may take (real time)' })
      .option('rate', { ...positive('rate'), describe: 'control steps per second of wall time (real time)' })
      .option('budget', {
        choices: ['own', 'auto'] as const,
        describe: 'auto: as large a search as this machine makes between two plans (real time)',
      })
      .option('realtime', { type: 'boolean', describe: 'tick by the wall clock (default)' })
      .option('fast', {
        type: 'boolean',
        describe: 'virtual time: as fast as it goes, a seed means a result',
      })
      .conflicts('fast', 'realtime')
      .option('goal', {
        type: 'string',
        requiresArg: true,
        describe: 'a PNG of what is to be reached, of the camera’s size',
      })
      .option('guard', {
        type: 'boolean',
        describe: 'hold while the model is surprised or unsure beyond its calibrated limits',
      })
      .option('until-reached', {
        type: 'boolean',
        describe: 'end once the model itself says that the goal is reached (default with --goal)',
      })
      .option('config', {
        type: 'string',
        requiresArg: true,
        describe: 'a JSON file with these options; flags win',
      })
      .option('out', { type: 'string', requiresArg: true, describe: 'folder to leave; runs/<id> by default' })
      .option('gif', { type: 'string', requiresArg: true, describe: 'also write the run as an animated GIF' })
      .option('record', {
        type: 'string',
        describe: 'MCAP file to record to; run.mcap in the folder by default, --no-record for none',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print result.json' })
      .example('$0 run two-room', 'plan and act in real time, then open runs/…/report.html')
      .example('$0 run two-room --track far --fast --seed 1000007', 'another episode, in virtual time')
      .example('$0 run reacher --set light=0.8 --gif reach.gif', 'dimmer light, and a picture of it'),
  async handler(args) {
    const task = await loadTask(args.task);
    const file = args.config === undefined ? {} : readOptions(args.config);
    const mode = args.fast ? { mode: 'fast' } : args.realtime ? { mode: 'realtime' } : {};
    const flags = parseOptions({ ...givenOptions({ ...args }), ...mode }, 'flags');
    await interruptible(async (signal) => {
      const { folder, record } = await runTask(task, {
        options: { ...file, ...flags },
        out: args.out,
        gif: args.gif,
        record: recordTo(args.record),
        command: commandOf(process.argv.slice(2)),
        started: new Date().toISOString(),
        signal,
      });
      const { arrival, planning } = outcome(record);
      process.stderr.write(`${arrival} ${planning}\n`);
      if (args.json) process.stdout.write(`${toJson({ ...record.result, folder })}\n`);
      else process.stdout.write(`${folder}/report.html\n`);
    });
  },
};

/** `--record` without a file says no more than the default does. */
function recordTo(given: string | boolean | undefined | unknown[]): string | false | undefined {
  if (Array.isArray(given))
    throw new JepilotError('invalid-value', '--record and --no-record were given together, or twice');
  return given === true || given === '' ? undefined : given;
}

/** The command without what names its outputs: run again, it must not meet its own folder. */
function commandOf(args: readonly string[]): string {
  const outputs = ['--out', '--gif', '--record'];
  const kept = args.filter(
    (arg, i) =>
      !['--json', '--no-record'].includes(arg) &&
      !outputs.some((name) => arg === name || arg.startsWith(`${name}=`) || args[i - 1] === name),
  );
  return `jepilot ${kept.join(' ')}`;
}

import { readFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { JepilotError, reasonOf } from '../../errors.ts';
import { recordedGoal } from '../../serve/session-recordings.ts';
import { precisionPreferences } from '../../world-model/precision.ts';
import { defaultThreads, providerPreferences } from '../../world-model/provider.ts';
import { interruptible } from '../interrupt.ts';
import { objective, positive, whole } from '../options.ts';
import { overridesOf, parseOptions } from '../run/config.ts';
import { serve, type ServeOptions } from '../serve/serve.ts';
import { givenOptions } from './run.ts';

interface Arguments {
  tasks: string[];
  host: string;
  port: number;
  engines: number;
  'token-file': string | undefined;
  'allow-origin': string[];
  'tls-cert': string | undefined;
  'tls-key': string | undefined;
  'max-sessions': number;
  'max-connections': number;
  'upgrade-rate': number;
  record: string | undefined;
  json: boolean;
}

export const serveCommand: CommandModule<object, Arguments> = {
  command: 'serve <tasks..>',
  describe: 'plan for robots that connect over WebSocket',
  builder: (yargs) =>
    yargs
      .positional('tasks', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'tasks by name or module; the first one is the default of robots that name none',
      })
      .option('host', {
        type: 'string',
        default: '127.0.0.1',
        describe: 'address to listen on; others than loopback need a token',
      })
      .option('port', { ...whole('port', 0), default: 8000, describe: 'port to listen on; 0 for a free one' })
      .option('engines', {
        ...whole('engines', 1),
        default: 1,
        describe: 'engine processes a task; another takes over from one that is lost',
      })
      .option('model', {
        type: 'string',
        requiresArg: true,
        describe: 'a shipped model’s name, or a model folder (one task only)',
      })
      .option('planner', {
        type: 'string',
        requiresArg: true,
        describe: 'a planner (jepilot planners), or a module’s path',
      })
      .option('horizon', { ...whole('horizon', 1), describe: 'model steps imagined' })
      .option('samples', { ...whole('samples', 1), describe: 'candidate plans per iteration' })
      .option('iterations', { ...whole('iterations', 1), describe: 'iterations of the search' })
      .option('elites', { ...whole('elites', 1), describe: 'candidates that the next iteration learns from' })
      .option('objective', {
        ...objective,
        describe: 'what plans minimise: metric, latent (both summed), or JSON',
      })
      .option('replan-interval', { ...whole('replan-interval', 1), describe: 'control steps between plans' })
      .option('provider', { choices: providerPreferences, describe: 'execution provider' })
      .option('precision', {
        choices: precisionPreferences,
        describe: 'arithmetic of the search: auto takes int8 or fp16 where it ranks plans as fp32 does',
      })
      .option('threads', { ...whole('threads', 1), describe: 'threads of each engine' })
      .option('token-file', {
        type: 'string',
        requiresArg: true,
        describe: 'file with the token that peers must send; or set JEPILOT_TOKEN',
      })
      .option('allow-origin', {
        type: 'string',
        array: true,
        default: [] as string[],
        requiresArg: true,
        describe: 'origin of a web page that may connect, such as https://app.foxglove.dev',
      })
      .option('tls-cert', { type: 'string', requiresArg: true, describe: 'PEM certificate chain' })
      .option('tls-key', { type: 'string', requiresArg: true, describe: 'PEM private key' })
      .option('max-sessions', { ...whole('max-sessions', 1), default: 8, describe: 'robots at once' })
      .option('max-connections', {
        ...whole('max-connections', 1),
        default: 32,
        describe: 'sockets at once, viewers included',
      })
      .option('upgrade-rate', {
        ...positive('upgrade-rate'),
        default: 10,
        describe: 'new connections a second from one address; twice as many at once',
      })
      .option('record', {
        type: 'string',
        requiresArg: true,
        describe: 'folder to record every episode of every session to; its recordings can be named as goals',
      })
      .option('json', { type: 'boolean', default: false, describe: 'log events to stderr as JSON lines' })
      .implies('tls-cert', 'tls-key')
      .implies('tls-key', 'tls-cert')
      .example('$0 serve two-room', 'plan for robots of this machine at ws://127.0.0.1:8000')
      .example('$0 serve two-room reacher --engines 2', 'two tasks, two engines each')
      .example(
        'JEPILOT_TOKEN=… $0 serve two-room --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem',
        'for robots elsewhere',
      ),
  handler: (args) => interruptible((signal) => serve(optionsOf(args), signal)),
};

function optionsOf(args: Arguments): ServeOptions {
  const given = parseOptions(givenOptions({ ...args }), 'flags');
  if (given.model !== undefined && args.tasks.length > 1)
    throw new JepilotError(
      'invalid-value',
      `--model ${given.model} goes with one task; got ${args.tasks.join(', ')}`,
    );
  return {
    tasks: [...new Set(args.tasks)],
    host: args.host,
    port: args.port,
    engines: args.engines,
    request: {
      planner: given.planner,
      model: given.model,
      overrides: overridesOf(given),
      provider: given.provider ?? 'auto',
      threads: given.threads ?? defaultThreads(),
      precision: given.precision ?? 'auto',
    },
    token: tokenOf(args['token-file'], process.env['JEPILOT_TOKEN']),
    origins: args['allow-origin'],
    tls: tlsOf(args['tls-cert'], args['tls-key']),
    limits: {
      sessions: args['max-sessions'],
      connections: args['max-connections'],
      upgradesPerSecond: args['upgrade-rate'],
      bufferedBytes: 64 * 1024,
      iterationsFactor: 4,
    },
    json: args.json,
    record: args.record ?? null,
    async findFrame(recording, step) {
      if (args.record !== undefined) return recordedGoal(args.record, recording, step);
      const message = `goal frame of '${recording}': this server has no recordings; start it with --record FOLDER`;
      throw new JepilotError('invalid-value', message);
    },
  };
}

function read(what: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read ${what} ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** From a file or the environment, never from the command line, which other users of the machine can read. */
function tokenOf(file: string | undefined, variable: string | undefined): string | null {
  if (file !== undefined) return read('the token', file).trim();
  return variable === undefined || variable === '' ? null : variable;
}

const tlsOf = (cert: string | undefined, key: string | undefined): ServeOptions['tls'] =>
  cert === undefined || key === undefined
    ? null
    : { cert: read('the certificate', cert), key: read('the key', key) };

import { hostname } from 'node:os';
import type { CommandModule } from 'yargs';
import { JepilotError } from '../../errors.ts';
import { toJson } from '../../record/json-lines.ts';
import { runAgent } from '../agent/agent.ts';
import { readLimits, readText, readToken } from '../agent/options.ts';
import { tell } from '../agent/tell.ts';
import { positive, whole } from '../options.ts';
import { overridesOf, parseFactors, parseOptions } from '../run/config.ts';
import { loadTask } from '../tasks.ts';
import { givenOptions } from './run.ts';

interface Arguments {
  task: string;
  server: string | undefined;
  listen: number | undefined;
  robot: string;
  'token-file': string | undefined;
  ca: string | undefined;
  seed: number | undefined;
  episodes: number;
  track: string | undefined;
  set: string[] | undefined;
  goal: string[] | undefined;
  'until-reached': boolean | undefined;
  guard: boolean;
  latency: number;
  rate: number | undefined;
  deadline: number | undefined;
  'to-end': boolean;
  safety: string | undefined;
  'i-know': boolean;
  'plan-timeout': number;
  reconnect: number | undefined;
  operator: boolean;
  'remote-orders': boolean;
  events: string | undefined;
  record: string | undefined;
  json: boolean;
}

export const agentCommand: CommandModule<object, Arguments> = {
  command: 'agent <task>',
  describe: 'be a simulated robot whose plans come from a jepilot server',
  builder: (yargs) =>
    yargs
      .positional('task', {
        type: 'string',
        demandOption: true,
        describe: 'a task’s name, or the path of a module',
      })
      .option('server', {
        type: 'string',
        requiresArg: true,
        describe: 'ws:// or wss:// URL of the server; its path is /v1/robot where none is given',
      })
      .option('listen', {
        ...whole('listen', 0),
        describe: 'port of 127.0.0.1 to wait on for `jepilot drive`, which arms; in place of --server',
      })
      .conflicts('listen', 'server')
      .check(({ listen, server }) => {
        if (listen !== undefined || server !== undefined) return true;
        throw new JepilotError(
          'invalid-value',
          'name a planning end with --server, or wait for one with --listen',
        );
      })
      .option('robot', {
        type: 'string',
        requiresArg: true,
        default: hostname(),
        describe: 'what the robot calls itself',
      })
      .option('token-file', {
        type: 'string',
        requiresArg: true,
        describe: 'file with the server’s token; the environment’s JEPILOT_TOKEN by default',
      })
      .option('ca', {
        type: 'string',
        requiresArg: true,
        describe: 'PEM file of the authority that signed the server',
      })
      .option('seed', { ...whole('seed', 0), describe: 'the first episode' })
      .option('episodes', { ...whole('episodes', 1), default: 1, describe: 'episodes, one after another' })
      .option('track', { type: 'string', requiresArg: true, describe: 'how start and goal are drawn' })
      .option('set', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'factor=value of the scene',
      })
      .option('goal', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'a PNG of what is to be reached; several are reached one after another',
      })
      .option('until-reached', {
        type: 'boolean',
        describe: 'end once the model says that the last goal is reached (default with --goal)',
      })
      .option('guard', {
        type: 'boolean',
        default: false,
        describe: 'hold while the model is surprised or unsure beyond its calibrated limits',
      })
      .option('planner', { type: 'string', requiresArg: true, describe: 'a planner of the server' })
      .option('horizon', { ...whole('horizon', 1), describe: 'model steps imagined' })
      .option('samples', { ...whole('samples', 1), describe: 'candidate plans per iteration' })
      .option('iterations', { ...whole('iterations', 1), describe: 'iterations of the search' })
      .option('replan-interval', { ...whole('replan-interval', 1), describe: 'control steps between plans' })
      .option('latency', {
        ...whole('latency', 0),
        default: 1,
        describe: 'control steps from an observation to the actions planned from it',
      })
      .option('rate', {
        ...positive('rate'),
        describe: 'control steps per second; the task’s own by default',
      })
      .option('deadline', { ...positive('deadline'), describe: 'seconds that a plan may take' })
      .option('to-end', { type: 'boolean', default: false, describe: 'play on after success' })
      .option('safety', {
        type: 'string',
        requiresArg: true,
        describe: 'YAML or JSON file of tighter safety limits (docs/safety.md)',
      })
      .option('i-know', { type: 'boolean', default: false, describe: 'let --safety loosen limits as well' })
      .option('plan-timeout', {
        ...positive('plan-timeout'),
        default: 5,
        describe: 'seconds after which a plan is given up',
      })
      .option('reconnect', {
        ...positive('reconnect'),
        describe:
          'after a lost link try again every so many seconds; the robot stays still until it is armed anew',
      })
      .option('operator', {
        type: 'boolean',
        default: false,
        describe: 'take orders from stdin: arm, start, pause, reset, estop, clear, quit',
      })
      .option('remote-orders', {
        type: 'boolean',
        default: false,
        describe: 'let people at the server arm, start and clear too; stopping they always may',
      })
      .option('events', {
        type: 'string',
        requiresArg: true,
        describe: 'file for changes of the safety envelope, as JSON lines',
      })
      .option('record', {
        type: 'string',
        requiresArg: true,
        describe: 'folder to record each episode to (MCAP)',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print the report as JSON' })
      .example('$0 agent two-room --server ws://127.0.0.1:8000', 'play an episode that a server plans')
      .example('$0 agent two-room --server ws://127.0.0.1:8000 --operator', 'arm and start by hand')
      .example('$0 agent two-room --listen 9191', 'wait for: $0 drive --robot ws://127.0.0.1:9191 --arm')
      .epilogue('Exit codes: 0 done, 1 failed, 4 the link was lost, 5 a safety stop, 130 interrupted.'),
  async handler(args) {
    const task = await loadTask(args.task);
    const own = { goal: undefined, untilReached: undefined, guard: undefined };
    const given = parseOptions(givenOptions({ ...args, ...own }), 'flags');
    const planner = given.planner === undefined ? {} : { planner: given.planner };
    await interruptibleTwice(async (signal, emergency) => {
      const result = await runAgent(task, {
        ...args,
        server: args.server === undefined ? null : serverUrl(args.server),
        listen: args.listen ?? 0,
        token: readToken(args['token-file']),
        goals: args.goal ?? [],
        untilReached: args['until-reached'] ?? args.goal !== undefined,
        toEnd: args['to-end'],
        planTimeout: args['plan-timeout'],
        // Who waits for a planning end is driven by it.
        remoteOrders: args['remote-orders'] || args.server === undefined,
        ca: args.ca === undefined ? undefined : readText(args.ca, 'certificate authority'),
        set: args.set ? parseFactors(args.set) : {},
        settings: { ...overridesOf(given), ...planner },
        limits: readLimits(args.safety, args['i-know']),
        command: `jepilot ${process.argv.slice(2).join(' ')}`,
        signal,
        emergency,
      });
      if (result.exitCode !== 0) process.exitCode = result.exitCode;
      if (args.json) process.stdout.write(`${toJson(result)}\n`);
      else tell(result);
    });
  },
};

/** A server is usually named by host and port. */
function serverUrl(text: string): string {
  const url = new URL(/^wss?:\/\//.test(text) ? text : `ws://${text}`);
  if (url.pathname === '/') url.pathname = '/v1/robot';
  return url.href;
}

/** A first Ctrl-C lets the robot slow down and stop; a second one is an emergency stop. */
async function interruptibleTwice(
  work: (signal: AbortSignal, emergency: AbortSignal) => Promise<void>,
): Promise<void> {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (): void => {
    process.exitCode = first.signal.aborted ? 5 : 130;
    if (!first.signal.aborted) {
      first.abort();
      return;
    }
    if (second.signal.aborted) process.exit(5);
    second.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    await work(first.signal, second.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

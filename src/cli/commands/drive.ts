import type { CommandModule } from 'yargs';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { JepilotError } from '../../errors.ts';
import { lookOver, runDrive, runNative, type DriveArguments } from '../drive/run-drive.ts';
import { requestOf, settleDrive } from '../drive/settle.ts';
import { interruptible } from '../interrupt.ts';
import { positive, whole } from '../options.ts';
import { parseOptions, type RunOptions } from '../run/config.ts';
import { givenOptions, plannerOptions } from './run.ts';

export const driveCommand: CommandModule<object, DriveArguments> = {
  command: 'drive',
  describe: 'plan here and drive a robot: behind rosbridge, or native; a dry run unless told to --arm',
  builder: (yargs) =>
    plannerOptions(yargs)
      .option('robot', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'ws:// or wss:// URL of a rosbridge server, or of a native robot end',
      })
      .option('profile', {
        type: 'string',
        requiresArg: true,
        describe:
          'what the topics of a robot behind rosbridge are: a YAML or JSON file; without it the robot is native',
      })
      .option('goal', {
        type: 'string',
        requiresArg: true,
        describe: 'a picture of what is to be reached, PNG or JPEG',
      })
      .option('arm', {
        type: 'boolean',
        default: false,
        describe: 'really move; else commands are only shown',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'look the robot over, print what is there, and end',
      })
      .option('steps', { ...whole('steps', 1), default: 10_000, describe: 'control steps at most' })
      .option('seed', {
        ...whole('seed', 0),
        default: FIRST_EVALUATION_SEED,
        describe: 'of the planner’s chance',
      })
      .option('deadline', { ...positive('deadline'), describe: 'seconds that a plan may take' })
      .option('listen', { ...positive('listen'), default: 2, describe: 'seconds to look the robot over' })
      .option('guard', {
        type: 'boolean',
        describe: 'hold while the model is surprised or unsure beyond its calibrated limits',
      })
      .option('until-reached', {
        type: 'boolean',
        describe: 'end once the model says that the goal is reached (default where it is calibrated)',
      })
      .option('reconnect', {
        ...positive('reconnect'),
        describe:
          'after a lost link try again every so many seconds; the robot is idle then, until somebody types arm and start',
      })
      .option('record', {
        type: 'string',
        requiresArg: true,
        describe: 'MCAP file to record to; for a native robot a folder, with a file for each episode',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print the outcome as JSON' })
      .example('$0 drive --robot ws://robot:9090 --profile robot.yaml --check', 'is everything there?')
      .example(
        '$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png',
        'a dry run: nothing moves',
      )
      .example(
        '$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png --arm',
        'and now it moves',
      )
      .example(
        '$0 drive --robot ws://127.0.0.1:9191 --arm',
        'a native robot end, which says itself what it is',
      )
      .epilogue('Exit codes: 0 done, 1 failed, 4 the link was lost, 5 a safety stop, 130 interrupted.'),
  async handler(args) {
    const flags = parseOptions(givenOptions({ ...args, goal: undefined }), 'flags');
    const { profile } = args;
    if (profile === undefined) {
      refuseProfileFlags(flags);
      return interruptible((signal) => runNative(args, requestOf(flags), signal));
    }
    const settled = await settleDrive(profile, flags);
    await interruptible((signal) => {
      const call = { args, settled, deadline: flags.deadline, signal };
      return args.check ? lookOver(call) : runDrive(call);
    });
  },
};

/** What only a robot with a profile can be asked; a native one has its own clock, and its own word on these. */
function refuseProfileFlags({ deadline, guard, untilReached, latency }: RunOptions): void {
  const given = { deadline, guard, 'until-reached': untilReached, latency };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new JepilotError(
    'invalid-value',
    `--${flag} is for robots behind rosbridge: name one with --profile; a native robot end has its own`,
  );
}

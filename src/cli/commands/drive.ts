import type { CommandModule } from 'yargs';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { lookOver, runDrive, type DriveArguments } from '../drive/run-drive.ts';
import { settleDrive } from '../drive/settle.ts';
import { interruptible } from '../interrupt.ts';
import { positive, whole } from '../options.ts';
import { parseOptions } from '../run/config.ts';
import { givenOptions, plannerOptions } from './run.ts';

export const driveCommand: CommandModule<object, DriveArguments> = {
  command: 'drive',
  describe: 'plan here and drive a robot behind rosbridge; a dry run unless told to --arm',
  builder: (yargs) =>
    plannerOptions(yargs)
      .option('robot', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'where the robot’s rosbridge listens: ws://HOST:9090',
      })
      .option('profile', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'what the robot’s topics are: a YAML or JSON file',
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
      .option('record', { type: 'string', requiresArg: true, describe: 'MCAP file to record to' })
      .option('json', { type: 'boolean', default: false, describe: 'print the outcome as JSON' })
      .example('$0 drive --robot ws://robot:9090 --profile robot.yaml --check', 'is everything there?')
      .example(
        '$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png',
        'a dry run: nothing moves',
      )
      .example(
        '$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png --arm',
        'and now it moves',
      ),
  async handler(args) {
    const flags = parseOptions(givenOptions({ ...args, goal: undefined }), 'flags');
    const settled = await settleDrive(args.profile, flags);
    await interruptible((signal) => {
      const call = { args, settled, deadline: flags.deadline, signal };
      return args.check ? lookOver(call) : runDrive(call);
    });
  },
};

import { NEVER } from 'rxjs';
import type { CommandModule } from 'yargs';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { JepilotError } from '../../errors.ts';
import { toJson } from '../../record/json-lines.ts';
import type { Check } from '../../robot/rosbridge/preflight.ts';
import { goalPicture } from '../drive/goal.ts';
import { openForRobot } from '../drive/planning.ts';
import { drive, refuseToArm, withRobot, type Driven, type DriveSession } from '../drive/session.ts';
import { settleDrive, type SettledDrive } from '../drive/settle.ts';
import { DriveLines, showChecks, showReport } from '../drive/show.ts';
import { interruptible } from '../interrupt.ts';
import { positive, whole } from '../options.ts';
import { parseOptions } from '../run/config.ts';
import { givenOptions, plannerOptions } from './run.ts';

interface Arguments {
  robot: string;
  profile: string;
  goal: string | undefined;
  arm: boolean;
  check: boolean;
  steps: number;
  seed: number;
  listen: number;
  json: boolean;
}

export const driveCommand: CommandModule<object, Arguments> = {
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
      .option('arm', { type: 'boolean', default: false, describe: 'really move; else commands are only shown' })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'look the robot over, print what is there, and end',
      })
      .option('steps', { ...whole('steps', 1), default: 10_000, describe: 'control steps at most' })
      .option('seed', { ...whole('seed', 0), default: FIRST_EVALUATION_SEED, describe: 'of the planner’s chance' })
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
      .option('json', { type: 'boolean', default: false, describe: 'print the outcome as JSON' })
      .example('$0 drive --robot ws://robot:9090 --profile robot.yaml --check', 'is everything there?')
      .example('$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png', 'a dry run: nothing moves')
      .example('$0 drive --robot ws://robot:9090 --profile robot.yaml --goal goal.png --arm', 'and now it moves'),
  async handler(args) {
    const flags = parseOptions(givenOptions({ ...args, goal: undefined }), 'flags');
    const settled = await settleDrive(args.profile, flags);
    await interruptible((signal) => run(args, settled, flags.deadline, signal));
  },
};

async function run(
  args: Arguments,
  settled: SettledDrive,
  deadline: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { profile, choice } = settled;
  const lines = new DriveLines(profile.rate, profile.action.values.map(({ name }) => name));
  const session: DriveSession = {
    url: args.robot,
    profile,
    arm: args.arm && !args.check,
    listen: args.listen,
    signal,
    command$: NEVER,
    onEvent: () => undefined,
    onChecks: showChecks,
    onCommand: (command) => lines.command(command),
    onPlan: (plan) => lines.plan(plan),
    onCondition: (condition) => lines.condition(condition),
    onNotice: (text) => void process.stderr.write(`${text}\n`),
  };
  if (args.check) return withRobot(session, async (_robot, checks) => report(args, checks));
  const goal = await goalOf(args, settled);
  await using planning = await openForRobot(profile, settled.request, choice);
  const driven = await withRobot(session, async (robot, checks) => {
    if (args.arm) refuseToArm(checks);
    return drive(robot, session, {
      ...settled,
      policy: planning.policy,
      goal,
      seed: args.seed,
      iterations: choice.iterations,
      replanInterval: choice.replanInterval,
      deadline,
      steps: args.steps,
    });
  });
  finish(args, driven);
}

function goalOf({ goal }: Arguments, { profile, choice }: SettledDrive) {
  if (goal !== undefined) return goalPicture(profile.cameras[0]!, goal);
  if (choice.model)
    throw new JepilotError('invalid-value', 'a planner needs to know where to: name a picture with --goal');
  return { step: 0, time: 0, images: {}, state: new Float32Array(0) };
}

function report({ json }: Arguments, checks: readonly Check[]): void {
  const ready = checks.every(({ verdict }) => verdict !== 'wrong');
  if (json) process.stdout.write(`${toJson({ ready, checks })}\n`);
  else process.stdout.write(ready ? 'ready to arm\n' : 'not ready to arm\n');
  if (!ready) process.exitCode = 4;
}

/** Exit codes: 0 ended as asked, 4 link, 5 safety stop. */
function finish({ json }: Arguments, driven: Driven): void {
  const { control, trouble, armed, link } = driven;
  showReport(driven);
  const outcome = trouble ? `${trouble.kind}: ${trouble.reason}` : control.stop.reason;
  if (json) process.stdout.write(`${toJson({ armed, outcome, stop: control.stop, cadence: control.cadence, link })}\n`);
  else process.stdout.write(`${outcome}${armed ? '' : ' (dry run: nothing was sent)'}\n`);
  if (trouble) process.exitCode = trouble.kind === 'lost' ? 4 : 5;
}

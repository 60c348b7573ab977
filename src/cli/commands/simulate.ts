import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { stringify } from 'yaml';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import { standardTrack } from '../../env/task.ts';
import { realClock } from '../../control/clock.ts';
import { makeFolder } from '../../make-folder.ts';
import { encodePng } from '../../record/png.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { BridgeServer } from '../../robot/ros-simulation/bridge-server.ts';
import { RosGraph } from '../../robot/ros-simulation/graph.ts';
import { taskProfile } from '../../robot/ros-simulation/task-profile.ts';
import { TaskRobot } from '../../robot/ros-simulation/task-robot.ts';
import { interruptible } from '../interrupt.ts';
import { positive, whole } from '../options.ts';
import { loadTask } from '../tasks.ts';

interface Arguments {
  task: string;
  port: number;
  ros: number;
  camera: 'jpeg' | 'raw';
  seed: number;
  track: string | undefined;
  rate: number | undefined;
  out: string;
}

export const simulateCommand: CommandModule<object, Arguments> = {
  command: 'simulate <task>',
  describe: 'play a robot behind rosbridge v2 with a task in it, so that drive can be tried without one',
  builder: (yargs) =>
    yargs
      .positional('task', {
        type: 'string',
        demandOption: true,
        describe: 'a task’s name, or the path of a module',
      })
      .option('port', {
        ...whole('port', 0),
        default: 9090,
        describe: 'port on 127.0.0.1; 0 takes a free one',
      })
      .option('ros', { choices: [1, 2], default: 2, describe: 'version of ROS whose spelling is spoken' })
      .option('camera', {
        choices: ['jpeg', 'raw'] as const,
        default: 'jpeg' as const,
        describe: 'how pictures are sent',
      })
      .option('seed', { ...whole('seed', 0), default: FIRST_EVALUATION_SEED, describe: 'the episode' })
      .option('track', { type: 'string', requiresArg: true, describe: 'how start and goal are drawn' })
      .option('rate', { ...positive('rate'), describe: 'control steps per second of wall time' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        default: 'robot',
        describe: 'folder for profile.yaml and goal.png',
      })
      .example(
        '$0 simulate two-room',
        'then, elsewhere: $0 drive --robot ws://127.0.0.1:9090 --profile robot/profile.yaml --goal robot/goal.png --arm',
      )
      .example('$0 simulate two-room --ros 1 --camera raw', 'as a robot of ROS 1 with raw pictures'),
  async handler(args) {
    const task = await loadTask(args.task);
    const profile = taskProfile(task, {
      ros: args.ros === 1 ? 1 : 2,
      camera: args.camera,
      ...(args.rate === undefined ? {} : { rate: args.rate }),
    });
    using environment = await mujocoEnvironment(task);
    const episode = { seed: args.seed, track: args.track ?? standardTrack(task).name, variation: {} };
    environment.reset(episode);
    const goal = environment.render(environment.goal());
    await interruptible(async (signal) => {
      const graph = new RosGraph();
      const clock = realClock();
      const wallClock = () => Date.now() / 1000;
      using robot = new TaskRobot({ environment, episode, profile, graph, clock, wallClock });
      await using server = await BridgeServer.listen({
        ros: profile.ros,
        graph,
        port: args.port,
        now: () => clock.now(),
        wallClock,
        log: (line) => process.stderr.write(`bridge: ${line}\n`),
      });
      makeFolder(args.out);
      writeWhole(join(args.out, 'profile.yaml'), stringify(profile));
      writeWhole(join(args.out, 'goal.png'), encodePng(goal.images[task.cameras[0]!.name]!));
      process.stderr.write(`${profile.name} at ${server.url}; Ctrl-C ends it\n`);
      const [profilePath, goalPath] = [join(args.out, 'profile.yaml'), join(args.out, 'goal.png')];
      process.stdout.write(
        `jepilot drive --robot ${server.url} --profile ${profilePath} --goal ${goalPath} --arm\n`,
      );
      let reached = false;
      robot.timeStep$.subscribe(({ observation, distance, success, kind }) => {
        if (success && !reached) process.stderr.write(`goal reached at step ${observation.step}\n`);
        reached ||= success;
        if (kind === 'last')
          process.stderr.write(
            `the episode ended at step ${observation.step}, ${distance.toPrecision(3)} ${task.distanceUnit} from the goal\n`,
          );
      });
      await new Promise((done) => signal.addEventListener('abort', done));
    });
  },
};

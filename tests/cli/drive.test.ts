import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { twoRoom } from '#envs/two-room/task.js';
import { realClock } from '../../src/control/clock.ts';
import type { TimeStep } from '../../src/env/environment.ts';
import { mujocoEnvironment } from '../../src/env/mujoco-environment.ts';
import { encodePng } from '../../src/record/png.ts';
import { taskProfile } from '../../src/robot/ros-simulation/task-profile.ts';
import { TaskRobot } from '../../src/robot/ros-simulation/task-robot.ts';
import type { RobotProfile } from '../../src/robot/profile/schema.ts';
import { openRos, until, type Ros } from '../fakes/ros.ts';
import { jepilot, start } from './jepilot.ts';

const episode = { seed: 1_000_000, track: 'far', variation: {} };

/** A two-room robot on a ROS graph, faster than real, with its profile and its goal in files. */
class Scene implements AsyncDisposable {
  readonly #close: (() => unknown)[];
  readonly ros: Ros;
  readonly robot: TaskRobot;
  readonly steps: TimeStep[] = [];
  readonly commands: number[][] = [];
  readonly arguments: string[];

  private constructor(
    close: (() => unknown)[],
    ros: Ros,
    robot: TaskRobot,
    profile: RobotProfile,
    goal: Uint8Array,
  ) {
    this.#close = close;
    this.ros = ros;
    this.robot = robot;
    const folder = mkdtempSync(join(tmpdir(), 'drive-'));
    close.push(() => rmSync(folder, { recursive: true }));
    const [file, picture] = [join(folder, 'robot.yaml'), join(folder, 'goal.png')];
    writeFileSync(file, stringify(profile));
    writeFileSync(picture, goal);
    this.arguments = [
      'drive',
      '--robot',
      ros.server.url,
      '--profile',
      file,
      '--goal',
      picture,
      '--listen',
      '1',
    ];
    robot.timeStep$.subscribe((step) => this.steps.push(step));
    ros.graph.listen(profile.action.topic, (message) =>
      this.commands.push((message as { data: number[] }).data),
    );
  }

  static async open(ros: 1 | 2, camera: 'jpeg' | 'raw'): Promise<Scene> {
    const environment = await mujocoEnvironment(twoRoom);
    environment.reset(episode);
    const goal = encodePng(environment.render(environment.goal()).images['top']!);
    const profile = taskProfile(twoRoom, { ros, camera, rate: 20 });
    const bridge = await openRos(ros);
    const wallClock = () => 1.7e9 + performance.now() / 1000;
    const { graph } = bridge;
    const robot = new TaskRobot({ environment, episode, profile, graph, clock: realClock(), wallClock });
    const close = [
      () => robot[Symbol.dispose](),
      () => bridge[Symbol.asyncDispose](),
      () => environment[Symbol.dispose](),
    ];
    return new Scene(close, bridge, robot, profile, goal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#close) await close();
  }
}

describe('jepilot drive', { timeout: 120_000 }, () => {
  it('brings a robot of ROS 2 with JPEG pictures through the door, and lets go of it at Ctrl-C', async () => {
    await using scene = await Scene.open(2, 'jpeg');
    const drive = start([...scene.arguments, '--arm', '--json']);
    let over = false;
    void drive.ended.then(() => (over = true));
    await until(() => over || scene.steps.some(({ success }) => success));
    drive.kill('SIGINT');
    const { code, stdout, stderr } = await drive.ended;
    expect(
      scene.steps.some(({ success }) => success),
      stderr,
    ).toBe(true);
    expect(scene.commands.flat().every((value) => Math.abs(value) <= 0.3)).toBe(true);
    expect(scene.commands.at(-1)).toEqual([0, 0]);
    expect(JSON.parse(stdout)).toMatchObject({ armed: true });
    expect([0, 130]).toContain(code);
  });

  it('stops a robot of ROS 1 with raw pictures at the button, and says so by its exit code', async () => {
    await using scene = await Scene.open(1, 'raw');
    const drive = start([...scene.arguments, '--arm']);
    let over = false;
    void drive.ended.then(() => (over = true));
    await until(() => over || scene.commands.some(([vx, vy]) => vx !== 0 || vy !== 0));
    scene.ros.graph.publish('/emergency_stop', { data: true });
    const { code, stdout } = await drive.ended;
    expect(stdout).toBe('emergency: /emergency_stop says stop\n');
    expect(code).toBe(5);
    expect(scene.commands.at(-1)).toEqual([0, 0]);
  });

  it('looks a robot over and says what it lacks', async () => {
    await using scene = await Scene.open(2, 'raw');
    scene.robot[Symbol.dispose]();
    const { code, stdout, stderr } = await jepilot(...scene.arguments, '--check');
    expect(stderr).toMatch(/NO +\/joint_states +nothing arrives/);
    expect([stdout, code]).toEqual(['not ready to arm\n', 4]);
  });

  it('tells in one line that nobody is there, with the exit code of links', async () => {
    await using scene = await Scene.open(2, 'raw');
    await scene.ros[Symbol.asyncDispose]();
    const { code, stderr } = await jepilot(...scene.arguments, '--check');
    expect(stderr).toMatch(/^jepilot: no robot at ws:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n$/);
    expect(code).toBe(4);
  });
});

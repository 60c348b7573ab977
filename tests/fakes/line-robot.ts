import type { Tick } from '../../src/control/tick.ts';
import { BridgeConnection } from '../../src/robot/rosbridge/connection.ts';
import { RosbridgeRobot } from '../../src/robot/rosbridge/rosbridge-robot.ts';
import { lineProfile } from '../robot/profile/line-profile.ts';
import { HandClock } from './hand-clock.ts';
import { openRos, until, type Ros } from './ros.ts';

/** A robot of the line's profile behind a bridge, on a clock that a test moves. */
export class LineRobot implements AsyncDisposable {
  readonly ros: Ros;
  readonly clock: HandClock;
  readonly robot: RosbridgeRobot;
  readonly connection: BridgeConnection;
  #stamp = 1000;

  private constructor(ros: Ros, clock: HandClock, connection: BridgeConnection, robot: RosbridgeRobot) {
    this.ros = ros;
    this.clock = clock;
    this.connection = connection;
    this.robot = robot;
  }

  /** @param commands - type that the command topic has at the robot's end; the profile's by default */
  static async open(live: boolean, commands?: string): Promise<LineRobot> {
    const profile = lineProfile();
    const clock = new HandClock();
    const ros = await openRos(profile.ros, () => clock.now());
    for (const { topic, type } of [...profile.cameras, ...profile.state]) ros.graph.declare(topic, type);
    if (commands !== undefined) ros.graph.declare(profile.action.topic, commands);
    const connection = await BridgeConnection.open(ros.server.url, () => clock.now());
    const wallClock = () => 1_700_000_000;
    const robot = new RosbridgeRobot({ connection, profile, clock, wallClock, live });
    // An answer to a call means that the subscriptions before it are in place.
    clock.advance(0);
    await until(() => robot.report().answerSeconds.length > 0);
    return new LineRobot(ros, clock, connection, robot);
  }

  /** Moves the clock, and waits until what was sent by then has been answered. */
  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds);
    this.#stamp += seconds;
    await new Promise((done) => setTimeout(done, 5));
  }

  /** The robot tells a position and shows a picture of it; resolves once both have been taken in or refused. */
  async show(position: number, picture: Record<string, unknown> = {}): Promise<void> {
    const { graph } = this.ros;
    const header = { stamp: { sec: Math.floor(this.#stamp), nanosec: Math.round((this.#stamp % 1) * 1e9) } };
    const data = new Uint8Array(48).fill(255, 3 * position, 3 * position + 3);
    const image = {
      width: 16,
      height: 1,
      step: 48,
      encoding: 'rgb8',
      data: Buffer.from(data).toString('base64'),
    };
    const before = this.#taken();
    graph.publish('/joint_states', { header, name: ['other', 'slider'], position: [9, 1000 * position + 5] });
    graph.publish('/camera/image_raw', { header, ...image, ...picture });
    await until(() => this.#taken() > before);
  }

  /** Pictures that have been looked at to the end. */
  #taken(): number {
    const { used = 0, refused = 0 } = this.robot.report().topics[0] ?? {};
    return used + refused;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.robot[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
    await this.ros[Symbol.asyncDispose]();
  }
}

/** A tick that sends this much. */
export const tickOf = (step: number, value: number): Tick => ({
  step,
  time: 0,
  planned: null,
  sent: Float32Array.of(value),
  source: 'plan',
  planId: 1,
  age: 0,
  clamped: false,
});

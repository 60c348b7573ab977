import type { Clock } from '../../control/clock.ts';
import type { Tick } from '../../control/tick.ts';
import type { RobotProfile } from '../profile/schema.ts';
import type { BridgeConnection } from './connection.ts';
import type { TopicReport } from './topic-watch.ts';

/** What a robot behind a bridge is made of. */
export interface RosbridgeRobotOptions {
  readonly connection: BridgeConnection;
  readonly profile: RobotProfile;
  readonly clock: Clock;
  /** Seconds since the epoch: what the stamps of commands are. */
  readonly wallClock: () => number;
  /** False: nothing is ever advertised or published. */
  readonly live: boolean;
}

/** A command, and whether it was put on the wire. */
export interface ShownCommand {
  readonly tick: Tick;
  readonly topic: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly sent: boolean;
}

/** What a robot's link has been like. */
export interface LinkReport {
  readonly topics: readonly TopicReport[];
  /** Seconds that the bridge's answers took, and that commands took to come back. */
  readonly answerSeconds: readonly number[];
  readonly echoSeconds: readonly number[];
  readonly refusedFrames: number;
  readonly heldCommands: number;
  /** Messages on the command topic that were not ours. */
  readonly foreign: number;
}

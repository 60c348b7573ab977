import { filter, firstValueFrom } from 'rxjs';
import type { Clock } from '../../control/clock.ts';
import { JepilotError } from '../../errors.ts';
import type { RobotProfile } from '../profile/schema.ts';
import { typeName } from '../ros/types.ts';
import type { BridgeConnection } from './connection.ts';
import type { RosbridgeRobot } from './rosbridge-robot.ts';

/** Times that a hold is sent, a tenth of a second apart: a publisher takes a while to be known. */
const ATTEMPTS = 10;

/**
 * Arms the robot once a command has really gone through: advertises, sends the command [dim] that leaves the robot where
 * it is, and waits for it to come back on its own topic. A bridge that refuses a publish says nothing to anybody; then
 * this throws `io`, and the robot stays unarmed.
 */
export async function proveCommands(
  robot: RosbridgeRobot,
  connection: BridgeConnection,
  { ros, action }: RobotProfile,
  still: Float32Array,
  clock: Clock,
): Promise<void> {
  connection.advertise(action.topic, typeName(ros, action.type));
  robot.arm();
  const beats = clock.ticks$(0.1).pipe(
    filter(({ index }) => {
      if (robot.report().echoSeconds.length > 0) return true;
      if (index < ATTEMPTS) robot.hold(still);
      return index >= 2 * ATTEMPTS;
    }),
  );
  await firstValueFrom(beats);
  if (robot.report().echoSeconds.length > 0) return;
  robot.stop();
  throw new JepilotError(
    'io',
    `no command came back on ${action.topic}: the bridge refuses ${typeName(ros, action.type)} in silence; its log says why`,
  );
}

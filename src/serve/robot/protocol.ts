import { realPulse, webSocketChannel } from '../../wire/web-socket-channel.ts';
import { ROBOT_MAX_PAYLOAD, ROBOT_PATH, ROBOT_SUBPROTOCOL } from '../../wire/robot-messages.ts';
import { RobotPeer } from '../../wire/robot-peer.ts';
import { defaultLimits } from '../../safety/limits.ts';
import type { ServeProtocol } from '../protocol.ts';
import { PlannerEnd } from './planner-end.ts';

/** The native robot protocol, `/v1/robot`: described in `docs/protocol.md`. */
export const robotProtocol: ServeProtocol = {
  name: 'robot',
  paths: [ROBOT_PATH],
  subprotocols: [ROBOT_SUBPROTOCOL],
  maxPayload: ROBOT_MAX_PAYLOAD,
  accept(socket, { id: peer }, context) {
    const { sessions, limits } = context;
    const { heartbeat, observationAge } = defaultLimits;
    new PlannerEnd({
      peer: new RobotPeer(webSocketChannel(socket), realPulse),
      pulse: realPulse,
      heartbeat,
      observationAge,
      bufferedBytes: limits.bufferedBytes,
      open: (request) => sessions.open({ ...request, protocol: 'robot', peer }),
      onDelivered: (session, planId, timing) => context.emit({ kind: 'delivered', session, planId, timing }),
      onDropped: (what, reason) => context.emit({ kind: 'dropped', protocol: 'robot', peer, what, reason }),
    });
  },
};

import type { Pulse } from '../../wire/channel.ts';
import type { RobotPeer } from '../../wire/robot-peer.ts';
import type { PlanningSession, SessionRequest } from '../sessions.ts';

/** What a planning end needs besides its peer. */
export interface PlannerEndOptions {
  readonly peer: RobotPeer;
  readonly pulse: Pulse;
  readonly open: (request: Pick<SessionRequest, 'robot' | 'task' | 'settings'>) => Promise<PlanningSession>;
  /** Seconds between beats; without one of the robot's for four of them it is stale. */
  readonly heartbeat: number;
  /** Seconds: older observations are not planned from. */
  readonly observationAge: number;
  /** Bytes that may wait to be written before a chunk waits too. */
  readonly bufferedBytes: number;
  readonly onDelivered: (session: string, planId: number, timing: Delivery) => void;
  readonly onDropped: (what: string, reason: string) => void;
}

/** Milliseconds of one plan at the planning end. */
export interface Delivery {
  readonly queueMs: number;
  readonly planMs: number;
  readonly overheadMs: number;
}

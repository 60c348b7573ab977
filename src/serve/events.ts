import type { Tick } from '../control/tick.ts';
import type { Observation } from '../env/observation.ts';
import type { ErrorData } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { Goal } from '../planning/policy.ts';
import type { Peer } from './protocol.ts';
import type { SessionInfo } from './sessions.ts';

/** What a robot says of itself, where its protocol tells. */
export interface RobotReport {
  /** State of its safety envelope. */
  readonly state: 'idle' | 'armed' | 'running' | 'holding' | 'stopped' | 'estop';
  readonly reason?: string;
  /** Control steps that it has executed. */
  readonly step: number;
  readonly link: 'up' | 'stale' | 'down';
}

/** Milliseconds of one plan on the server. */
export interface PlanTiming {
  /** Waiting for the engine, while it planned for others. */
  readonly queueMs: number;
  /** In the engine, encoding included. */
  readonly planMs: number;
  /** The rest from the observation's arrival to the chunk's departure: decoding, the way to the engine and back, encoding. */
  readonly overheadMs: number;
}

/** What happens on a server. `session` is the id of a planning session. */
export type ServeEvent =
  | { readonly kind: 'connected'; readonly protocol: string; readonly peer: Peer }
  | {
      readonly kind: 'disconnected';
      readonly protocol: string;
      readonly peer: Peer;
      readonly code: number;
      readonly reason: string;
    }
  /** An upgrade that was turned away: with which HTTP status, and why. */
  | {
      readonly kind: 'refused';
      readonly address: string;
      readonly path: string;
      readonly status: number;
      readonly reason: string;
    }
  | { readonly kind: 'opened'; readonly session: SessionInfo }
  | { readonly kind: 'reset'; readonly session: string; readonly seed: number; readonly goal: Goal }
  /** The goal of a running episode changed: now, or because the one before was reached. */
  | { readonly kind: 'goal'; readonly session: string; readonly goal: Goal; readonly waiting: number }
  | { readonly kind: 'observed'; readonly session: string; readonly observation: Observation }
  | {
      readonly kind: 'planned';
      readonly session: string;
      /** Control step of the observation that was planned from. */
      readonly step: number;
      readonly plan: Plan;
      readonly queueMs: number;
      /** The model's calibrated verdict on the observation; null where the model has no threshold. */
      readonly reached: boolean | null;
    }
  /** A chunk has left for the robot. */
  | {
      readonly kind: 'delivered';
      readonly session: string;
      readonly planId: number;
      readonly timing: PlanTiming;
    }
  /** A plan that could not be made. */
  | { readonly kind: 'failed'; readonly session: string; readonly error: ErrorData }
  /** A message of a peer that was refused, or one to it that was replaced before it was sent. */
  | {
      readonly kind: 'dropped';
      readonly protocol: string;
      readonly peer: string;
      readonly what: string;
      readonly reason: string;
    }
  /** What the robot executed, as it tells. */
  | { readonly kind: 'tick'; readonly session: string; readonly tick: Tick }
  | { readonly kind: 'robot'; readonly session: string; readonly report: RobotReport }
  | { readonly kind: 'order'; readonly session: string; readonly order: Order; readonly by: string }
  | { readonly kind: 'closed'; readonly session: string; readonly reason: string }
  | {
      readonly kind: 'engine';
      readonly engine: string;
      readonly task: string;
      readonly state: 'starting' | 'ready' | 'lost' | 'stopped';
      readonly reason?: string;
    };

/** An event, and when it happened in seconds of the server's monotonic clock. */
export type StampedEvent = ServeEvent & { readonly time: number };

/** What an operator tells a robot through the server. The robot end decides whether it obeys; `estop` it always does. */
export type Order = 'arm' | 'start' | 'pause' | 'reset' | 'estop' | 'clear';

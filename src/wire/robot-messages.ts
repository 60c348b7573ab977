import { z } from 'zod';
import { PlanningOverrides } from '../planning/settings.ts';
import {
  finite,
  step,
  count,
  name,
  text,
  head,
  rows,
  frame,
  action,
  goal,
  executedTick,
} from './robot-values.ts';

/** Version of the protocol; a peer of another one is refused. */
export const PROTOCOL_VERSION = 1;
/** The WebSocket subprotocol, and the path that a server offers it on. */
export const ROBOT_SUBPROTOCOL = 'jepilot.robot.v1';
export const ROBOT_PATH = '/v1/robot';
/** Bytes that a frame may have. */
export const ROBOT_MAX_PAYLOAD = 16 * 2 ** 20;

/** Robot → planner, first: who it is. `clock`: its monotonic seconds, which all its times are. */
const Hello = z.strictObject({
  t: z.literal('hello'),
  ...head,
  version: z.int(),
  robot: name,
  task: name.nullable(),
  action,
  controlPeriod: z.number().positive(),
  heartbeat: z.number().positive(),
  clock: finite,
  settings: PlanningOverrides,
});

const limit = z.number().nullable();

/** Planner → robot, in answer: what the robot plans with from here on. */
const Welcome = z.strictObject({
  t: z.literal('welcome'),
  ...head,
  version: z.int(),
  session: name,
  task: name,
  planner: name,
  model: name,
  action,
  controlPeriod: z.number().positive(),
  window: z.int().min(1),
  rows: z.int().min(1),
  replanInterval: z.int().min(1),
  iterations: z.int().min(1),
  heartbeat: z.number().positive(),
  observationAge: z.number().positive(),
  calibration: z.strictObject({ surprise: limit, disagreement: limit, timeToGo: limit, dwell: limit }),
});

/** What one end asks of the other. Robot → planner: `episode`, `goal`. Planner → robot: `order`. Answered by an `ack`. */
const Command = z.strictObject({
  t: z.literal('command'),
  ...head,
  /** The same in a repetition, which the other end acknowledges without doing it again. */
  id: count,
  command: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('episode'), seed: z.int().min(0), goal }),
    z.strictObject({ kind: z.literal('goal'), goal, when: z.enum(['now', 'next']) }),
    z.strictObject({
      kind: z.literal('order'),
      order: z.enum(['arm', 'start', 'pause', 'reset', 'estop', 'clear']),
      by: name,
    }),
  ]),
});

/** Robot → planner: what it sees, what it did, and what it will do meanwhile. A chunk is wanted. */
const ObservationMessage = z.strictObject({
  t: z.literal('observation'),
  ...head,
  /** Raised by every reset, stop and session of the robot; a chunk of another epoch is void. */
  epoch: count,
  /** When the newest frame was taken, by the robot's clock. */
  time: finite,
  /** At most `window` of them, oldest first. */
  frames: z.array(frame).min(1).max(64),
  /** Rows really sent, the last one at the step before the newest frame's. */
  executed: rows,
  /** Rows that will be sent whatever is planned, the first one at the newest frame's step. */
  committed: rows,
  budget: z.strictObject({
    iterations: z.int().min(1).nullable(),
    seconds: z.number().positive().nullable(),
  }),
});

const some = z.number().nullable();

/** Planner → robot: rows for absolute control steps. The first `committed` of them are the request's own. */
const Chunk = z.strictObject({
  t: z.literal('chunk'),
  ...head,
  epoch: count,
  /** `seq` of the observation that was planned from. */
  re: count,
  id: count,
  startStep: step,
  committed: z.int().min(0),
  actions: rows,
  timing: z.strictObject({
    queueMs: z.number(),
    encodeMs: z.number(),
    searchMs: z.number(),
    planMs: z.number(),
  }),
  evidence: z.strictObject({
    costs: z.array(z.number()).max(1000),
    eliteSpread: some,
    timeToGo: some,
    imaginedTimeToGo: z.array(z.number()).max(1000),
    surprise: some,
    disagreement: some,
    evaluations: z.number(),
    iterations: z.number(),
    cut: z.boolean(),
  }),
  /** The model takes the present for the goal, by its calibrated threshold; null where it has none. */
  reached: z.boolean().nullable(),
});

/** What became of a message of the other end. */
const Ack = z.strictObject({
  t: z.literal('ack'),
  ...head,
  re: count,
  result: z.enum(['accepted', 'stale', 'epoch', 'not-finite', 'shape', 'prefix', 'done', 'ignored']),
  /** Control steps executed, where a robot acknowledges. */
  step: step.nullable(),
});

/** Both ways, every `heartbeat`. The echo gives the round trip without a common clock. */
const Beat = z.strictObject({
  t: z.literal('beat'),
  ...head,
  time: finite,
  /** The latest beat's `time`, and seconds since it came. */
  echo: z.strictObject({ time: finite, held: z.number().min(0) }).nullable(),
  /** Of the other end's observations: the latest that came, and the latest that is done with. */
  seen: count.nullable(),
  done: count.nullable(),
});

/** Robot → planner: how its safety envelope stands, at every change. */
const State = z.strictObject({
  t: z.literal('state'),
  ...head,
  epoch: count,
  mode: z.enum(['idle', 'armed', 'running', 'holding', 'stopped', 'estop']),
  reason: text.nullable(),
  step,
});

/** Robot → planner: what it did, for those who watch there. Nothing is planned from it. */
const Ticks = z.strictObject({ t: z.literal('ticks'), ...head, ticks: z.array(executedTick).min(1).max(64) });

/** Both ways. After a fatal one the sender closes. */
const Fault = z.strictObject({
  t: z.literal('error'),
  ...head,
  code: name,
  message: text,
  fatal: z.boolean(),
  re: count.nullable(),
});

export const RobotMessage = z.discriminatedUnion('t', [
  Hello,
  Welcome,
  Command,
  ObservationMessage,
  Chunk,
  Ack,
  Beat,
  State,
  Ticks,
  Fault,
]);
export type RobotMessage = z.infer<typeof RobotMessage>;
export type MessageOf<T extends RobotMessage['t']> = Extract<RobotMessage, { t: T }>;
/** A message that has not been numbered yet. */
export type Unsent = RobotMessage extends infer M ? (M extends RobotMessage ? Omit<M, 'seq'> : never) : never;

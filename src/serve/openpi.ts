import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { JepilotError, reasonOf } from '../errors.ts';
import { decodeMessage, encodeMessage, type WireMap } from '../wire/msgpack.ts';
import { ndarrayFrom } from '../wire/ndarray.ts';
import { planNote } from '../wire/openpi-evidence.ts';
import type { ServeContext } from './context.ts';
import { OpenpiEpisodes } from './openpi-episode.ts';
import { endpointOf, openpiRequest } from './openpi-request.ts';
import type { Peer, ServeProtocol } from './protocol.ts';
import type { PlanningSession, ServedPlan, SessionInfo } from './sessions.ts';

/** Requests that may wait on a connection; the protocol has one in flight. */
const MAXIMUM_WAITING = 4;
/** Seconds that a plan may wait for a lost engine to be replaced, and between attempts. */
const PATIENCE = 20;
const PAUSE_MS = 100;

/**
 * The policy server of openpi (Physical Intelligence), as its unmodified `openpi-client` speaks it: metadata first, then
 * one chunk of actions for each observation; an error is a frame of text, and the end. `?task=`, `?planner=` and
 * `?action_horizon=` of the URL choose the session.
 */
export const openpi: ServeProtocol = {
  name: 'openpi',
  paths: ['/', '/v1/realtime/robot/openpi'],
  subprotocols: [],
  maxPayload: 64 * 2 ** 20,
  accept: (socket, peer, context) => void welcome(socket, peer, context),
};

async function welcome(socket: WebSocket, peer: Peer, context: ServeContext): Promise<void> {
  const waiting: Frame[] = [];
  const early = (data: Buffer, binary: boolean): void =>
    void waiting.push({ data, binary, at: context.now() });
  socket.on('message', early);
  try {
    const session = await open(peer, context);
    const connection = new Connection(socket, peer, context, session);
    socket.off('message', early);
    socket.on('message', (data: Buffer, binary) => connection.take({ data, binary, at: context.now() }));
    socket.on('close', () => void session.close('disconnected'));
    if (socket.readyState !== socket.OPEN) {
      await session.close('disconnected');
      return;
    }
    socket.send(encodeMessage(metadataOf(session.info, context.version)));
    for (const frame of waiting) connection.take(frame);
  } catch (error) {
    // Before the metadata a text frame would only confuse the client; the close reason is what it shows.
    context.emit({
      kind: 'dropped',
      protocol: 'openpi',
      peer: peer.id,
      what: 'connection',
      reason: reasonOf(error),
    });
    socket.close(1008, brief(reasonOf(error)));
  }
}

function open({ id, query, address }: Peer, { sessions }: ServeContext): Promise<PlanningSession> {
  const planner = query.get('planner');
  const horizon = query.get('action_horizon');
  if (horizon !== null && !/^[1-9]\d{0,3}$/.test(horizon))
    throw new JepilotError('invalid-value', `action_horizon is '${horizon}'; it takes a whole number from 1`);
  return sessions.open({
    robot: query.get('robot') ?? address,
    protocol: 'openpi',
    peer: id,
    task: query.get('task') ?? undefined,
    settings: {
      ...(planner !== null && { planner }),
      ...(horizon !== null && { replanInterval: Number(horizon) }),
    },
  });
}

/** What a client should know before it sends anything. Plain values: `ActionChunkBroker` slices every ndarray. */
const metadataOf = (info: SessionInfo, version: string): WireMap => ({
  server: 'jepilot',
  version,
  task: info.task,
  planner: info.planner,
  model: { name: info.model.name, sha256: info.model.graphs.step.sha256 },
  /** Rows of a chunk to execute before asking again. */
  action_horizon: info.replanInterval,
  chunk_rows: info.rows,
  control_period: info.controlPeriod,
  window: info.window,
  action: {
    dim: info.actionSpec.dim,
    names: info.actionSpec.names,
    mode: info.actionSpec.mode,
    minimum: info.actionSpec.minimum,
    maximum: info.actionSpec.maximum,
  },
  state: info.stateNames,
  cameras: info.cameras.map(({ name, width, height }) => ({ name, width, height })),
  image_resolution: info.cameras.slice(0, 1).flatMap(({ width, height }) => [height, width]),
});

interface Frame {
  readonly data: Buffer;
  readonly binary: boolean;
  /** Seconds, when it came. */
  readonly at: number;
}

/** A close frame has room for 123 bytes of reason. */
const brief = (reason: string): string => Buffer.from(reason).subarray(0, 120).toString();

/** Answers the requests of one client, one after the other. */
class Connection {
  readonly #socket: WebSocket;
  readonly #peer: Peer;
  readonly #context: ServeContext;
  readonly #session: PlanningSession;
  readonly #episodes: OpenpiEpisodes;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #previousMs: number | null = null;
  #failed = false;

  constructor(socket: WebSocket, peer: Peer, context: ServeContext, session: PlanningSession) {
    this.#socket = socket;
    this.#peer = peer;
    this.#context = context;
    this.#session = session;
    this.#episodes = new OpenpiEpisodes(session);
  }

  take(frame: Frame): void {
    if (this.#failed) return;
    if (this.#waiting >= MAXIMUM_WAITING) {
      this.#fail(new JepilotError('refused', `${MAXIMUM_WAITING} requests wait; send one at a time`));
      return;
    }
    this.#waiting += 1;
    this.#turn = this.#turn
      .then(() => this.#answer(frame))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#waiting -= 1));
  }

  async #answer({ data, binary, at }: Frame): Promise<void> {
    if (this.#failed || this.#socket.readyState !== this.#socket.OPEN) return;
    if (!binary)
      throw new JepilotError('bad-message', 'an observation is a binary MessagePack map; got text');
    const message = decodeMessage(data);
    if (endpointOf(message) === 'reset') {
      this.#episodes.end();
      this.#socket.send('reset successful');
      return;
    }
    const request = openpiRequest(message, this.#session.info);
    // Beginning an episode renders and encodes its goal, and is no part of what each plan costs.
    const decoded = this.#context.now();
    let began = decoded;
    const planning = (): void => void (began = this.#context.now());
    const { rows, served } = await this.#patiently(() => this.#episodes.plan(request, planning));
    this.#socket.send(encodeMessage(this.#reply(served, rows)));
    this.#delivered(served, 1000 * (decoded - at + this.#context.now() - began));
    this.#previousMs = 1000 * (this.#context.now() - at);
  }

  #reply({ plan, queueMs, reached }: ServedPlan, rows: Parameters<typeof ndarrayFrom>[0]): WireMap {
    const { evidence } = plan;
    const previous = this.#previousMs;
    return {
      actions: ndarrayFrom(rows),
      server_timing: {
        infer_ms: queueMs + evidence.totalMs,
        ...(previous !== null && { prev_total_ms: previous }),
      },
      policy_timing: { infer_ms: evidence.totalMs },
      plan: planNote(plan.id, evidence, queueMs, reached),
    };
  }

  #delivered({ plan, queueMs }: ServedPlan, totalMs: number): void {
    const planMs = plan.evidence.totalMs;
    const timing = { queueMs, planMs, overheadMs: totalMs - queueMs - planMs };
    this.#context.emit({ kind: 'delivered', session: this.#session.info.id, planId: plan.id, timing });
  }

  /** The client waits without a time-out and holds meanwhile, so that an engine that was lost need not end its episode. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const deadline = this.#context.now() + PATIENCE;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const lost = error instanceof JepilotError && error.code === 'provider';
        if (!lost || this.#context.now() > deadline || this.#context.closing.aborted) throw error;
        await wait(PAUSE_MS);
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const reason = error instanceof JepilotError ? `${error.code}: ${error.message}` : 'internal error';
    this.#context.emit({
      kind: 'dropped',
      protocol: 'openpi',
      peer: this.#peer.id,
      what: 'observation',
      reason: reasonOf(error),
    });
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(reason);
    this.#socket.close(1011, 'Internal server error. Traceback included in previous frame.');
  }
}

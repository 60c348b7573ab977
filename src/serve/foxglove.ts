import type { WebSocket } from 'ws';
import { reasonOf } from '../errors.ts';
import { nanoseconds, payloadOf, type FeedMessage } from '../record/feed/message.ts';
import type { ServeContext } from './context.ts';
import type { StampedEvent } from './events.ts';
import { FoxgloveChannels } from './foxglove-channels.ts';
import {
  dataFrame,
  parseFoxglove,
  type FoxgloveParameter,
  type FoxgloveRequest,
} from './foxglove-messages.ts';
import { FoxgloveParameters } from './foxglove-parameters.ts';
import { FoxgloveViewer } from './foxglove-viewer.ts';
import type { Peer, ServeProtocol } from './protocol.ts';
import { SessionFeed } from './session-feed.ts';

const WARNING = 1;

/**
 * Live channels and parameters for Foxglove and Lichtblick: the messages of a recording, under each session's name, while
 * they happen. Foxglove WebSocket protocol, version 1, by its old and its new name.
 * @param wall - nanoseconds of the wall clock
 */
export function foxglove(wall: () => bigint): ServeProtocol {
  let live: LiveView | null = null;
  return {
    name: 'foxglove',
    paths: ['/foxglove'],
    subprotocols: ['foxglove.sdk.v1', 'foxglove.websocket.v1'],
    maxPayload: 64 * 1024,
    accept(socket, peer, context) {
      live ??= new LiveView(context, nanoseconds(wall(), -context.now()));
      live.accept(socket, peer);
    },
  };
}

/** All viewers of a server. It begins to listen to the server's events with the first of them. */
class LiveView {
  readonly #context: ServeContext;
  readonly #base: bigint;
  readonly #channels = new FoxgloveChannels();
  readonly #parameters = new FoxgloveParameters();
  readonly #feeds = new Map<string, SessionFeed>();
  readonly #viewers = new Set<FoxgloveViewer>();
  /** The last message of each channel on which a message holds until the next: what is to be reached. */
  readonly #standing = new Map<number, FeedMessage>();

  constructor(context: ServeContext, base: bigint) {
    this.#context = context;
    this.#base = base;
    for (const { info } of context.sessions.list()) this.#open(info.id);
    context.event$.subscribe((event) => this.#take(event));
  }

  accept(socket: WebSocket, peer: Peer): void {
    const { version, now } = this.#context;
    const viewer = new FoxgloveViewer(socket, now);
    this.#viewers.add(viewer);
    socket.on('message', (data: Buffer, binary) =>
      this.#receive(viewer, peer, binary ? null : data.toString('utf8')),
    );
    socket.on('close', () => {
      viewer.close();
      this.#viewers.delete(viewer);
    });
    viewer.tell({
      op: 'serverInfo',
      name: 'jepilot',
      capabilities: ['parameters', 'parametersSubscribe'],
      supportedEncodings: ['json'],
      metadata: { version },
      sessionId: String(this.#base),
    });
    viewer.tell({ op: 'advertise', channels: this.#channels.list() });
  }

  #receive(viewer: FoxgloveViewer, peer: Peer, text: string | null): void {
    const refuse = (error: unknown): void => {
      const reason = reasonOf(error);
      viewer.tell({ op: 'status', level: WARNING, message: reason });
      this.#context.emit({ kind: 'dropped', protocol: 'foxglove', peer: peer.id, what: 'request', reason });
    };
    if (text === null) {
      refuse('a viewer publishes nothing here: send JSON text');
      return;
    }
    try {
      this.#answer(viewer, parseFoxglove(text)).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  async #answer(viewer: FoxgloveViewer, request: FoxgloveRequest): Promise<void> {
    const { subscriptions } = viewer;
    const sessions = this.#context.sessions.list();
    if (request.op === 'subscribe') {
      for (const { id, channelId } of request.subscriptions) {
        subscriptions.set(channelId, id);
        const standing = this.#standing.get(channelId);
        if (standing) this.#send(standing, channelId, [viewer]);
      }
    } else if (request.op === 'unsubscribe') {
      for (const [channel, id] of subscriptions)
        if (request.subscriptionIds.includes(id)) subscriptions.delete(channel);
    } else if (request.op === 'getParameters') {
      this.#tellParameters(viewer, this.#parameters.list(sessions, request.parameterNames), request.id);
    } else if (request.op === 'setParameters') {
      await this.#setParameters(viewer, request.parameters, request.id);
    } else {
      viewer.parameterNames = request.op === 'subscribeParameterUpdates' ? request.parameterNames : null;
    }
  }

  /** Sets what can be set, answers with what holds now, and tells everybody who wants to know. */
  async #setParameters(
    viewer: FoxgloveViewer,
    wanted: readonly FoxgloveParameter[],
    id?: string,
  ): Promise<void> {
    const names = wanted.map(({ name }) => name);
    const { sessions } = this.#context;
    try {
      for (const parameter of wanted) await this.#parameters.set(sessions.list(), parameter);
    } finally {
      const values = this.#parameters.list(sessions.list(), names);
      if (id !== undefined) this.#tellParameters(viewer, values, id);
      for (const other of this.#viewers) {
        const { parameterNames } = other;
        const heard = values.filter(
          ({ name }) => parameterNames?.length === 0 || parameterNames?.includes(name),
        );
        if (heard.length > 0 && (other !== viewer || id === undefined)) this.#tellParameters(other, heard);
      }
    }
  }

  #tellParameters(viewer: FoxgloveViewer, parameters: readonly FoxgloveParameter[], id?: string): void {
    viewer.tell({ op: 'parameterValues', parameters, ...(id === undefined ? {} : { id }) });
  }

  #take(event: StampedEvent): void {
    if (event.kind === 'opened') this.#open(event.session.id);
    if (!('session' in event) || typeof event.session !== 'string') return;
    this.#feeds.get(event.session)?.take(event);
    if (event.kind === 'closed') this.#close(event.session);
  }

  #open(id: string): void {
    const info = this.#context.sessions.list().find((session) => session.info.id === id)?.info;
    if (!info || this.#feeds.has(id)) return;
    const feed = new SessionFeed(info, this.#context.now);
    this.#feeds.set(id, feed);
    feed.message$.subscribe((message) => this.#show(id, message));
    const channels = this.#channels.open(info);
    for (const viewer of this.#viewers) viewer.tell({ op: 'advertise', channels });
  }

  #close(id: string): void {
    this.#feeds.delete(id);
    const channelIds = this.#channels.close(id);
    for (const channel of channelIds) this.#standing.delete(channel);
    for (const viewer of this.#viewers) {
      for (const channel of channelIds) viewer.subscriptions.delete(channel);
      viewer.tell({ op: 'unadvertise', channelIds });
    }
  }

  /** Passes a message on to those who asked for its channel; a picture is compressed once for all of them. */
  #show(session: string, message: FeedMessage): void {
    const channel = this.#channels.find(session, message.topic);
    if (channel === undefined) return;
    if (message.topic.startsWith('/goal/')) this.#standing.set(channel, message);
    this.#send(message, channel, this.#viewers);
  }

  #send(message: FeedMessage, channel: number, viewers: Iterable<FoxgloveViewer>): void {
    const logTime = nanoseconds(this.#base, message.time);
    let payload: Promise<Uint8Array> | null = null;
    for (const viewer of viewers) {
      const subscription = viewer.subscriptions.get(channel);
      if (subscription === undefined) continue;
      viewer.show(async () =>
        dataFrame(subscription, logTime, await (payload ??= payloadOf(message, this.#base))),
      );
    }
  }
}

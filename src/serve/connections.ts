import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { reasonOf } from '../errors.ts';
import type { Refusal } from './access.ts';
import type { ServeContext } from './context.ts';
import type { Peer, ServeProtocol } from './protocol.ts';

/** Milliseconds between pings; a peer that did not answer the last one is cut off. */
const PING_MS = 15_000;
/** Milliseconds that peers have to answer a close. */
const GOODBYE_MS = 1000;

interface Mounted {
  readonly protocol: ServeProtocol;
  readonly server: WebSocketServer;
}

const offered = (request: IncomingMessage): string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

/** The open sockets of a server, and the protocols that they lead to. */
export class Connections {
  readonly #context: ServeContext;
  readonly #mounted = new Map<string, Mounted>();
  /** Whether each socket has answered the last ping. */
  readonly #alive = new Map<WebSocket, boolean>();
  readonly #pings: NodeJS.Timeout;
  #accepted = 0;

  constructor(context: ServeContext, protocols: readonly ServeProtocol[]) {
    this.#context = context;
    for (const protocol of protocols) {
      const { maxPayload, subprotocols } = protocol;
      const server = new WebSocketServer({
        noServer: true,
        perMessageDeflate: false,
        maxPayload,
        handleProtocols: (names) => subprotocols.find((name) => names.has(name)) ?? false,
      });
      for (const path of protocol.paths) this.#mounted.set(path, { protocol, server });
    }
    this.#pings = setInterval(() => this.#ping(), PING_MS);
    this.#pings.unref();
  }

  /** Null for an upgrade that a protocol can take. */
  refusalOf(request: IncomingMessage, path: string): Refusal | null {
    const mounted = this.#mounted.get(path);
    if (!mounted) {
      const known = [...this.#mounted.keys()].join(' ');
      return { status: 404, reason: `nothing is served at this path; WebSocket paths: ${known}` };
    }
    const { subprotocols } = mounted.protocol;
    if (subprotocols.length > 0 && !offered(request).some((name) => subprotocols.includes(name)))
      return { status: 400, reason: `offer a subprotocol that is spoken here: ${subprotocols.join(', ')}` };
    if (this.#context.closing.aborted) return { status: 503, reason: 'the server is shutting down' };
    const { connections } = this.#context.limits;
    if (this.#alive.size >= connections)
      return { status: 503, reason: `${connections} connections are open, and more are not allowed` };
    return null;
  }

  upgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    path: string,
    query: URLSearchParams,
  ): void {
    const mounted = this.#mounted.get(path);
    if (!mounted) return void stream.destroy();
    mounted.server.handleUpgrade(request, stream, head, (socket) => {
      const { remoteAddress = 'unknown', remotePort = 0 } = request.socket;
      const peer: Peer = {
        id: `c${++this.#accepted}`,
        address: `${remoteAddress}:${remotePort}`,
        path,
        query,
        subprotocol: socket.protocol,
      };
      this.#accept(mounted.protocol, socket, peer);
    });
  }

  /** Says goodbye to all, and cuts off those that do not answer. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    const sockets = [...this.#alive.keys()];
    const gone = Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    );
    for (const socket of sockets) socket.close(1001, 'the server is shutting down');
    const cut = setTimeout(() => {
      for (const socket of this.#alive.keys()) socket.terminate();
    }, GOODBYE_MS);
    await gone;
    clearTimeout(cut);
  }

  #accept(protocol: ServeProtocol, socket: WebSocket, peer: Peer): void {
    const { name } = protocol;
    this.#alive.set(socket, true);
    socket.on('pong', () => this.#alive.set(socket, true));
    // A frame that is too large, or no WebSocket frame at all: `ws` closes the socket with the fitting code.
    socket.on('error', (error) => this.#drop(name, peer, reasonOf(error)));
    socket.on('close', (code, reason) => {
      this.#alive.delete(socket);
      this.#context.emit({ kind: 'disconnected', protocol: name, peer, code, reason: reason.toString() });
    });
    this.#context.emit({ kind: 'connected', protocol: name, peer });
    try {
      protocol.accept(socket, peer, this.#context);
    } catch (error) {
      this.#drop(name, peer, reasonOf(error));
      socket.close(1011, 'internal error');
    }
  }

  #drop(protocol: string, peer: Peer, reason: string): void {
    this.#context.emit({ kind: 'dropped', protocol, peer: peer.id, what: 'connection', reason });
  }

  #ping(): void {
    for (const [socket, alive] of this.#alive) {
      if (!alive) socket.terminate();
      else {
        this.#alive.set(socket, false);
        socket.ping();
      }
    }
  }
}

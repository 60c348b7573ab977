import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { JepilotError, reasonOf } from '../../errors.ts';
import { rosTime, typeName } from '../ros/types.ts';
import { BridgeClient, type Bridge } from './bridge-client.ts';

export interface BridgeServerOptions extends Omit<Bridge, 'services'> {
  /** 0 takes any that is free. */
  readonly port: number;
  /** Seconds since the epoch. */
  readonly wallClock: () => number;
}

/** Bytes of one frame: rosbridge's own default. */
const LARGEST_FRAME = 10_000_000;

/** A rosbridge v2 server over a graph of simulated nodes; on this machine only, for it knows no passwords. */
export class BridgeServer implements AsyncDisposable {
  readonly port: number;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async listen({ port, wallClock, ...bridge }: BridgeServerOptions): Promise<BridgeServer> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      maxPayload: LARGEST_FRAME,
      perMessageDeflate: false,
    });
    const services = rosapi(bridge, wallClock);
    server.on('connection', (socket) => {
      new BridgeClient(socket, { ...bridge, services });
    });
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw new JepilotError(
        'io',
        `cannot listen on port ${port}: ${reasonOf(cause)}; name another one with --port`,
        { cause },
      );
    }
    return new BridgeServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Sockets of all clients, for tests that pull cables. */
  get sockets() {
    return this.#server.clients;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((done) => this.#server.close(done));
  }
}

/** The part of rosapi that clients ask for. */
const rosapi = (
  { graph, ros }: Pick<Bridge, 'graph' | 'ros'>,
  wallClock: () => number,
): Bridge['services'] => ({
  '/rosapi/get_time': () => ({ time: rosTime(ros, wallClock()) }),
  '/rosapi/topics': () => ({
    topics: graph.topics().map(({ name }) => name),
    types: graph.topics().map(({ type }) => typeName(ros, type)),
  }),
});

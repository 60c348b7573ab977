import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { WebSocketServer, type WebSocket } from 'ws';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Channel } from './channel.ts';
import { webSocketChannel } from './web-socket-channel.ts';

export interface ListenOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  readonly subprotocol: string;
  readonly maxPayload: number;
}

/** Waits on this machine for one peer at a time; a second one is turned away while the first is there. */
export class Listener implements AsyncDisposable {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #callers$ = new Subject<Channel>();
  #waiting: Channel | null = null;
  #present = false;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#take(socket));
  }

  /** Binds 127.0.0.1 alone, for it asks for no token. Throws `io` where the port is taken. */
  static async open({ port, subprotocol, maxPayload }: ListenOptions): Promise<Listener> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      maxPayload,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
      // Browsers always say where they come from, and have no business with a robot.
      verifyClient: ({ origin }: { origin?: string | undefined }) => origin === undefined,
    });
    try {
      await once(server, 'listening');
    } catch (cause) {
      const why = `cannot listen on port ${port}: ${reasonOf(cause)}`;
      throw new JepilotError('io', `${why}; name another one`, { cause });
    }
    return new Listener(server);
  }

  /** The next peer that comes. */
  async accept(): Promise<Channel> {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting ?? firstValueFrom(this.#callers$.pipe(filter((caller) => this.#claim(caller))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((done) => this.#server.close(done));
  }

  #claim(caller: Channel): boolean {
    if (this.#waiting !== caller) return false;
    this.#waiting = null;
    return true;
  }

  #take(socket: WebSocket): void {
    const channel = webSocketChannel(socket);
    if (this.#present) {
      channel.close(1013, 'another peer is connected');
      return;
    }
    this.#present = true;
    void channel.ended.then(() => {
      this.#present = false;
      if (this.#waiting === channel) this.#waiting = null;
    });
    this.#waiting = channel;
    this.#callers$.next(channel);
  }
}

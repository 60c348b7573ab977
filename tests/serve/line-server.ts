import { Subject } from 'rxjs';
import { WebSocket } from 'ws';
import type { ServeContext } from '#src/serve/context.js';
import type { ServeEvent, StampedEvent } from '#src/serve/events.js';
import { httpHandler } from '#src/serve/http.js';
import { serveMetrics } from '#src/serve/metrics.js';
import { openpi } from '#src/serve/openpi.js';
import type { ServeProtocol } from '#src/serve/protocol.js';
import { startServer } from '#src/serve/server.js';
import { sessionList } from '#src/serve/session-list.js';
import { serverStatus } from '#src/serve/status.js';
import { decodeMessage, encodeMessage, type WireMap } from '#src/wire/msgpack.js';
import { LineEngine, lineService } from '../fakes/line-service.ts';

export interface LineServerOptions {
  readonly token?: string;
  readonly origins?: readonly string[];
  readonly upgradesPerSecond?: number;
  readonly connections?: number;
  readonly protocol?: Partial<ServeProtocol>;
  readonly engine?: () => LineEngine;
}

/** A whole server on a free port of the loopback; only its engine, which solves the line, is in this process. */
export async function lineServer(options: LineServerOptions = {}) {
  const events: StampedEvent[] = [];
  const event$ = new Subject<StampedEvent>();
  event$.subscribe((event) => events.push(event));
  const now = (): number => performance.now() / 1000;
  const emit = (event: ServeEvent): void => event$.next({ ...event, time: now() });
  const services = [lineService(options.engine ?? (() => new LineEngine()), { emit })];
  const limits = {
    sessions: 3,
    connections: options.connections ?? 10,
    upgradesPerSecond: options.upgradesPerSecond ?? 1000,
    bufferedBytes: 65_536,
    iterationsFactor: 4,
  };
  const closing = new AbortController();
  const findFrame = async (): Promise<never> => {
    throw new Error('there are no recordings');
  };
  const context: ServeContext = {
    ...{ version: '0', limits, now, emit, closing: closing.signal },
    sessions: sessionList({ services, limits, emit, findFrame }),
    event$: event$.asObservable(),
  };
  const access = { token: options.token ?? null, origins: options.origins ?? [] };
  const status = serverStatus('0', services, event$, now);
  const http = httpHandler({ access, metrics: serveMetrics(event$), status });
  const protocols = [{ ...openpi, ...options.protocol }];
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    access,
    protocols,
    http,
    context,
  });
  return {
    events,
    context,
    service: services[0]!,
    url: `ws://127.0.0.1:${server.port}`,
    http: `http://127.0.0.1:${server.port}`,
    port: server.port,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.close();
    },
  };
}

/** The frames and the end of one socket, in order, to be waited for one by one. */
export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly #frames: (Buffer | string)[] = [];
  #wake: () => void = () => undefined;
  end: { code: number; reason: string } | null = null;
  refused: number | null = null;

  constructor(
    url: string,
    options: { headers?: Record<string, string>; subprotocols?: string[]; autoPong?: boolean } = {},
  ) {
    this.socket = new WebSocket(url, options.subprotocols ?? [], {
      headers: options.headers ?? {},
      autoPong: options.autoPong ?? true,
    });
    this.socket.on('message', (data: Buffer, binary) => {
      this.#frames.push(binary ? data : data.toString());
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('unexpected-response', (_, response) => {
      this.refused = response.statusCode ?? 0;
      this.socket.terminate();
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.end = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** The next frame: a binary one decoded, a text one as it is; null at the end. */
  async next(): Promise<WireMap | string | null> {
    while (this.#frames.length === 0) {
      if (this.end || this.refused !== null) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const frame = this.#frames.shift()!;
    return typeof frame === 'string' ? frame : (decodeMessage(frame) as WireMap);
  }

  async ended(): Promise<number> {
    while (!this.end) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.end.code;
  }

  send(message: WireMap | Uint8Array | string): void {
    this.socket.send(
      typeof message === 'string' || message instanceof Uint8Array ? message : encodeMessage(message),
    );
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { JepilotError, reasonOf } from '../errors.ts';
import { RateLimit, refusalOf, type AccessRules, type Refusal } from './access.ts';
import { Connections } from './connections.ts';
import type { ServeContext } from './context.ts';
import type { HttpHandler } from './http.ts';
import type { ServeProtocol } from './protocol.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  /** PEM certificate and key; plain HTTP without. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly access: AccessRules;
  readonly protocols: readonly ServeProtocol[];
  /** Answers what is no upgrade. */
  readonly http: HttpHandler;
  readonly context: ServeContext;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Closes every socket with 1001, then the port. */
  close(): Promise<void>;
}

/** One server for all: HTTP requests, and WebSocket upgrades led to their protocols once they are found fit. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { context, protocols, tls, http } = options;
  const connections = new Connections(context, protocols);
  const rate = new RateLimit(context.limits.upgradesPerSecond, context.now);
  const server: Server = tls ? createHttps(tls) : createHttp();
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.on('request', (request, response) => http(request, response));
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = urlOf(request);
    const refusal = refuse(options.access, rate, connections, request, pathname);
    if (!refusal) {
      connections.upgrade(request, socket, head, pathname, searchParams);
      return;
    }
    const address = addressOf(request);
    context.emit({ kind: 'refused', address, path: pathname.slice(0, 100), ...refusal });
    turnAway(socket, refusal);
  });
  const { port } = await listen(server, options.host, options.port);
  return {
    host: options.host,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await connections.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A path that is no URL is nobody's. */
export function urlOf(request: IncomingMessage): Pick<URL, 'pathname' | 'searchParams'> {
  try {
    return new URL(request.url ?? '/', 'http://server');
  } catch {
    return { pathname: '', searchParams: new URLSearchParams() };
  }
}

export const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? 'unknown';

/** In the order of what costs least. */
function refuse(
  access: AccessRules,
  rate: RateLimit,
  connections: Connections,
  request: IncomingMessage,
  path: string,
): Refusal | null {
  if (!rate.take(addressOf(request)))
    return { status: 429, reason: 'too many connections a second from one address' };
  return refusalOf(access, request.headers) ?? connections.refusalOf(request, path);
}

const phrases: Record<Refusal['status'], string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

function turnAway(socket: Duplex, { status, reason }: Refusal): void {
  socket.on('error', () => undefined);
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '';
  socket.end(
    `HTTP/1.1 ${status} ${phrases[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `${challenge}Content-Length: ${Buffer.byteLength(reason) + 1}\r\n\r\n${reason}\n`,
  );
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'another program listens there; choose another --port'
          : reasonOf(cause);
      reject(new JepilotError('io', `cannot listen on ${host}:${port}: ${why}`, { cause }));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

import { Subject } from 'rxjs';
import { checkAccess, isLoopback } from '../../serve/access.ts';
import type { ServeContext, ServeLimits } from '../../serve/context.ts';
import type { ServeEvent, StampedEvent } from '../../serve/events.ts';
import { httpHandler, type HttpOptions } from '../../serve/http.ts';
import { serveMetrics } from '../../serve/metrics.ts';
import type { FindFrame } from '../../serve/planning-session.ts';
import { startServer, type RunningServer } from '../../serve/server.ts';
import { sessionList } from '../../serve/session-list.ts';
import { serverStatus, type SessionStatus } from '../../serve/status.ts';
import type { TaskService } from '../../serve/task-service.ts';
import type { PlanningRequest } from '../planning.ts';
import { recordSessions } from '../session-recordings.ts';
import { version } from '../version.ts';
import { eventLog } from './log.ts';
import { protocols } from './protocols.ts';
import { taskServices } from './services.ts';

/** All that `jepilot serve` may be told. */
export interface ServeOptions {
  readonly tasks: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly engines: number;
  readonly request: PlanningRequest;
  readonly token: string | null;
  readonly origins: readonly string[];
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly limits: ServeLimits;
  readonly json: boolean;
  readonly findFrame: FindFrame;
  /** Folder to record sessions to; null for none. */
  readonly record: string | null;
}

const now = (): number => performance.now() / 1000;

/** Serves until `signal` is aborted, then ends in good order. Throws what keeps it from starting. */
export async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  checkAccess(options.host, options.token);
  const event$ = new Subject<StampedEvent>();
  const began = now();
  const time = (): number => now() - began;
  const emit = (event: ServeEvent): void => event$.next({ ...event, time: time() });
  const { request, engines, limits, findFrame } = options;
  const services = await taskServices({ tasks: options.tasks, request, engines, emit, now });
  // The log hears of the end of a session before its figures are forgotten.
  event$.subscribe(eventLog(options.json, (id) => sessionStatus(id), log));
  const status = serverStatus(version, services, event$, now);
  const sessionStatus = (id: string): SessionStatus | undefined =>
    status().sessions.find((session) => session.id === id);
  const sessions = sessionList({ services, limits, emit, findFrame });
  const context = {
    version,
    sessions,
    limits,
    now: time,
    event$: event$.asObservable(),
    emit,
    closing: signal,
  };
  const metrics = serveMetrics(event$);
  const recordings = recordSessions(context, options.record);
  const server = await listen(options, context, { metrics, status });
  try {
    await startEngines(services);
    if (!signal.aborted) announce(options, server, services);
    await untilAborted(signal);
  } finally {
    log('shutting down');
    await server.close();
    await Promise.all(sessions.list().map((session) => session.close('the server is shutting down')));
    await recordings?.[Symbol.asyncDispose]();
    await Promise.all(services.flatMap(({ slots }) => slots.map((slot) => slot[Symbol.asyncDispose]())));
  }
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

function listen(
  { host, port, tls, token, origins }: ServeOptions,
  context: ServeContext,
  { metrics, status }: Pick<HttpOptions, 'metrics' | 'status'>,
): Promise<RunningServer> {
  const access = { token, origins };
  const http = httpHandler({ access, metrics, status });
  return startServer({ host, port, tls, access, protocols, http, context });
}

/** Rejects with the first engine that can't be started at all. */
async function startEngines(services: readonly TaskService[]): Promise<void> {
  await Promise.all(services.flatMap(({ slots }) => slots.map((slot) => slot.start())));
}

function announce(
  { tls, host, json }: ServeOptions,
  { port }: RunningServer,
  services: readonly TaskService[],
): void {
  const shown = host.includes(':') ? `[${host}]` : host;
  const [ws, http] = tls ? ['wss', 'https'] : ['ws', 'http'];
  const tasks = services.map(({ task }) => task.name);
  const urls = protocols.map(({ name, paths }) => ({
    name,
    url: `${ws}://${shown}:${port}${paths[0] ?? '/'}`,
  }));
  if (json) process.stdout.write(`${JSON.stringify({ tasks, host, port, protocols: urls })}\n`);
  else
    process.stdout.write(
      `serving ${tasks.join(', ')}: ${urls.map(({ name, url }) => `${name} ${url}`).join(', ')}, status ${http}://${shown}:${port}/\n`,
    );
  if (!tls && !isLoopback(host))
    log('note: without --tls-cert and --tls-key, tokens and pictures cross the network in the clear');
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

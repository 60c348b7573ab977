import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessRules } from './access.ts';
import { refusalOf } from './access.ts';
import type { Metrics } from './metrics.ts';
import { statusPage } from './status-page.ts';
import type { ServerStatus } from './status.ts';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface HttpOptions {
  readonly access: AccessRules;
  readonly metrics: Metrics;
  readonly status: () => ServerStatus;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain', body: `${body}\n` });

const HTML = 'text/html; charset=utf-8';

/** What the server answers to plain HTTP. `/healthz` and `/readyz` are open to all, for they tell nothing else. */
async function answer(options: HttpOptions, request: IncomingMessage, path: string): Promise<Answer> {
  const { access, metrics, status } = options;
  if (path === '/healthz') return text(200, 'OK');
  if (path === '/readyz') {
    const { ready, engines } = status();
    return ready ? text(200, 'ready') : text(503, `not ready: ${describe(engines)}`);
  }
  const refusal = refusalOf(access, request.headers);
  if (refusal) return text(refusal.status, refusal.reason);
  if (path === '/metrics') return { status: 200, type: metrics.contentType, body: await metrics.text() };
  if (path === '/status.json')
    return { status: 200, type: 'application/json', body: `${JSON.stringify(status())}\n` };
  if (path === '/') return { status: 200, type: HTML, body: statusPage };
  return text(404, 'not found; there are / /status.json /metrics /healthz /readyz');
}

const describe = (engines: ServerStatus['engines']): string =>
  engines.map(({ name, state, reason }) => `${name} ${state}${reason ? ` (${reason})` : ''}`).join(', ') ||
  'no engine';

export const httpHandler =
  (options: HttpOptions): HttpHandler =>
  (request, response) => {
    const send = ({ status, type = 'text/plain', body }: Answer): void => {
      const challenge =
        status === 401 ? { 'WWW-Authenticate': 'Basic realm="jepilot", charset="UTF-8"' } : {};
      response.writeHead(status, {
        'Content-Type': type,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'Content-Security-Policy':
          "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
        ...challenge,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(text(405, 'GET only'));
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    answer(options, request, path).then(send, () => send(text(500, 'internal error')));
  };

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { JepilotError } from '../errors.ts';

/** Who may come in. */
export interface AccessRules {
  /** What every request but the health checks must carry; null where none is asked for. */
  readonly token: string | null;
  /** Origins of web pages that may connect. What is no browser sends none, and is judged by the token alone. */
  readonly origins: readonly string[];
}

/** Shorter tokens can be guessed. */
const SHORTEST_TOKEN = 16;

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Refuses to listen where others can reach it without a token, and a token that is no secret. */
export function checkAccess(host: string, token: string | null): void {
  if (token === null && !isLoopback(host))
    throw new JepilotError(
      'invalid-value',
      `--host ${host} can be reached by others, so it needs a token: put one into JEPILOT_TOKEN or a file for --token-file`,
    );
  if (token !== null && token.length < SHORTEST_TOKEN)
    throw new JepilotError(
      'invalid-value',
      `the token has ${token.length} characters; it needs ${SHORTEST_TOKEN} at least`,
    );
}

/** Equal, in a time that tells nothing about where they differ, their lengths included. */
function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** The secret of an Authorization header: `Bearer` (RFC 6750), `Api-Key` (openpi), or the password of `Basic`. */
function secretOf(header: string | undefined): string {
  const [scheme = '', value = ''] = (header ?? '').split(' ', 2);
  if (/^(bearer|api-key)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return '';
  const pair = Buffer.from(value, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}

/** A reason to turn a request away, with its HTTP status. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 429 | 503;
  readonly reason: string;
}

/** Null for a request that may come in. */
export function refusalOf(
  { token, origins }: AccessRules,
  { authorization, origin, host }: IncomingHttpHeaders,
): Refusal | null {
  if (origin !== undefined && !origins.includes(origin))
    return { status: 403, reason: `origin ${JSON.stringify(origin)} is not allowed; see --allow-origin` };
  if (token !== null)
    return sameSecret(secretOf(authorization), token)
      ? null
      : { status: 401, reason: 'the token is missing or wrong' };
  // Without a token, a page that points its own name at this machine must not count as local (DNS rebinding).
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isLoopback(name)
    ? null
    : { status: 403, reason: `host ${JSON.stringify(name)} is not this machine` };
}

/** Allows so many events a second for each address, and twice as many at once (a token bucket). */
export class RateLimit {
  readonly #rate: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(perSecond: number, now: () => number) {
    this.#rate = perSecond;
    this.#now = now;
  }

  /** True if one more is allowed now. */
  take(address: string): boolean {
    const at = this.#now();
    const burst = 2 * this.#rate;
    this.#prune(at);
    const bucket = this.#buckets.get(address) ?? { left: burst, at };
    const left = Math.min(burst, bucket.left + (at - bucket.at) * this.#rate);
    const allowed = left >= 1;
    this.#buckets.set(address, { left: allowed ? left - 1 : left, at });
    return allowed;
  }

  /** A bucket that is full again need not be remembered, so that addresses cost nothing for long. */
  #prune(at: number): void {
    if (this.#buckets.size < 1000) return;
    for (const [address, bucket] of this.#buckets) if (at - bucket.at > 2) this.#buckets.delete(address);
  }
}

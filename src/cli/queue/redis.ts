import { Redis } from 'ioredis';
import { JepilotError, reasonOf } from '../../errors.ts';

/** Milliseconds for the first connection. */
const PATIENCE_MS = 5000;

function checked(address: string): string {
  if (/^rediss?:\/\/[^/\s]+/.test(address)) return address;
  throw new JepilotError('invalid-value', `--queue is ${address}; it takes redis://HOST:PORT`);
}

/** The address without its password, for messages. */
export const shown = (address: string): string => address.replace(/\/\/[^@/]*@/, '//…@');

/**
 * Connects to Redis. Throws JepilotError('io') where nobody answers; a connection that breaks later is made again for
 * as long as it takes, and whoever uses it decides how long that may be.
 */
export async function connectRedis(address: string): Promise<Redis> {
  const url = checked(address);
  const probe = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
  });
  let reason = 'no answer';
  probe.on('error', (error: unknown) => (reason = reasonOf(error) || reason));
  try {
    await probe.connect();
    await probe.ping();
  } catch (cause) {
    const because = reasonOf(cause) === 'Connection is closed.' ? reason : reasonOf(cause);
    throw new JepilotError(
      'io',
      `cannot reach Redis at ${shown(address)}: ${because}; start one, or leave --queue out`,
      { cause },
    );
  } finally {
    probe.disconnect();
  }
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(2000, 100 * times),
  });
  // Without a listener an error event would end the process; `close` events tell whoever wants to know.
  redis.on('error', () => undefined);
  return redis;
}

/** What was taken out of what came in. */
export interface Taken {
  readonly operation: Readonly<Record<string, unknown>> | null;
  /** What stays for the next time. */
  readonly rest: string;
}

/** Characters that are kept, and braces that are tried; a real server keeps and tries them all. */
const MOST = 1 << 16;
const MOST_BRACES = 64;

const objectOf = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
};

const positions = (text: string, character: string): number[] =>
  Array.from(text.matchAll(new RegExp(`\\${character}`, 'g')), ({ index }) => index).slice(0, MOST_BRACES);

/**
 * Finds the next operation as rosbridge_library 0.11 does (measured against a real server): the whole text, or else the
 * first pair of braces with JSON between. An object without `op` stops the search and is never taken out: from then on
 * the connection is deaf. That is what a frame that was cut behind a complete inner object does to a real server.
 */
export function takeOperation(text: string): Taken {
  const whole = objectOf(text);
  if (whole) return { operation: whole, rest: '' };
  const ends = positions(text, '}');
  for (const start of positions(text, '{')) {
    for (const end of ends) {
      const found = end > start ? objectOf(text.slice(start, end + 1)) : null;
      if (!found) continue;
      if ('op' in found) return { operation: found, rest: text.slice(end + 1) };
      return { operation: null, rest: text.slice(0, MOST) };
    }
  }
  return { operation: null, rest: text.slice(0, MOST) };
}

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { JepilotError, reasonOf } from '../../errors.ts';
import { defaultLimits, SafetyLimits, tighten } from '../../safety/limits.ts';

/** The secret that a server asks for: of a file, or of the environment; never of the command line, which others can read. */
export function readToken(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['JEPILOT_TOKEN'] ?? undefined;
  return readText(file, 'token').trim();
}

/** The defaults, tightened by a file (JSON or YAML). */
export function readLimits(file: string | undefined, mayLoosen: boolean): SafetyLimits {
  if (file === undefined) return defaultLimits;
  let wanted: unknown;
  try {
    wanted = parse(readText(file, 'safety limits'));
  } catch (cause) {
    throw new JepilotError('bad-file', `${file} is no YAML or JSON: ${reasonOf(cause)}`, { cause });
  }
  const parsed = SafetyLimits.partial().safeParse(wanted);
  if (parsed.success) {
    // A partial schema fills its defaults in; only what the file names is wanted.
    const named = Object.keys(wanted as object);
    const entries = Object.entries(parsed.data).filter(([key]) => named.includes(key));
    return tighten(defaultLimits, Object.fromEntries(entries), file, mayLoosen);
  }
  const [issue] = parsed.error.issues;
  throw new JepilotError(
    'invalid-value',
    `${file}: '${issue?.path.join('.') ?? ''}': ${issue?.message ?? ''}`,
  );
}

export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read the ${what} ${file}: ${reasonOf(cause)}`, { cause });
  }
}

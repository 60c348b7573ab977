import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document, isNode } from 'yaml';
import type { z } from 'zod';
import { JepilotError, reasonOf } from '../../errors.ts';
import { contradictionsOf } from './contradictions.ts';
import { limitsOf } from './limits.ts';
import { RobotProfile } from './schema.ts';

/** Longer files are no profiles. */
const LARGEST = 1 << 20;

/** Reads a robot profile, YAML or JSON. A fault is one line with the file's line, the key and what it should be. */
export function readProfile(path: string): RobotProfile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read robot profile ${path}: ${reasonOf(cause)}`, { cause });
  }
  return parseProfile(text, path);
}

/** The same from text; `place` names it in messages. */
export function parseProfile(text: string, place: string): RobotProfile {
  if (text.length > LARGEST) throw new JepilotError('bad-file', `${place} is larger than 1 MiB: no profile`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (path: readonly PropertyKey[]) => `${place}:${lineOf(document, lines, path)}`;
  const [fault] = document.errors;
  if (fault) {
    const line = lines.linePos(fault.pos[0]).line;
    throw new JepilotError('bad-file', `${place}:${line}: ${fault.message.split('\n')[0] ?? 'no YAML'}`);
  }
  const parsed = RobotProfile.safeParse(toJson(document, place));
  if (!parsed.success) throw refusal(parsed.error, at);
  const [contradiction] = contradictionsOf(parsed.data);
  if (!contradiction) {
    limitsOf(parsed.data, at(['limits']));
    return parsed.data;
  }
  const { path, message } = contradiction;
  throw new JepilotError('invalid-value', `${at(path)}: '${path.join('.')}': ${message}`);
}

/** Aliases are bounded, so that a small file cannot grow into a large one. */
function toJson(document: Document, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new JepilotError('bad-file', `${place}: ${reasonOf(cause)}`, { cause });
  }
}

function refusal(error: z.ZodError, at: (path: readonly PropertyKey[]) => string): JepilotError {
  const issue = error.issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown];
  const key = path.join('.');
  const message = unknown.length > 0 ? 'no such key' : issue.message;
  return new JepilotError('invalid-value', `${at(path)}: ${key ? `'${key}': ` : ''}${message}`, {
    cause: error,
  });
}

/** The line of a key; of the nearest parent that is there where the key is missing. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

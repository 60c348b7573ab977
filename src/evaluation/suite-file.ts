import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { JepilotError } from '../errors.ts';
import { placeOf, Suite } from './suite.ts';

/** Line of the node at `path`, or of the nearest one above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/**
 * Reads a suite from YAML (or JSON, which YAML contains). `file` names it in messages, which tell line and key.
 * Throws JepilotError('bad-file').
 */
export function parseSuite(source: string, file: string): Suite {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) {
    const message = broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    throw new JepilotError(
      'bad-file',
      `${file}:${broken.linePos?.[0].line ?? 1}: ${message ?? broken.code}`,
      {
        cause: broken,
      },
    );
  }
  const parsed = Suite.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = placeOf(issue);
  const line = lineOf(document, lines, path);
  const key = path.length > 0 ? `'${path.map(String).join('.')}': ` : '';
  throw new JepilotError('bad-file', `${file}:${line}: ${key}${issue.message}`, { cause: parsed.error });
}

/** A suite that is no file: what flags say. Throws JepilotError('bad-file') that names the key. */
export function parseSuiteValue(value: unknown, place: string): Suite {
  const parsed = Suite.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = placeOf(issue).map(String).join('.');
  throw new JepilotError('bad-file', `${place}: '${key}': ${issue.message}`, { cause: parsed.error });
}

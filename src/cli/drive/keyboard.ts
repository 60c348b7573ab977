import { createInterface } from 'node:readline';
import { Observable } from 'rxjs';
import type { Command } from '../../control/core.ts';

const words: Readonly<Record<string, Command>> = {
  arm: { kind: 'arm' },
  start: { kind: 'start' },
  hold: { kind: 'hold' },
  resume: { kind: 'resume' },
  estop: { kind: 'estop' },
  quit: { kind: 'stop', reason: 'quit' },
};

/** What a person types, a word a line; nothing where nobody sits at a terminal. An empty line holds: it is quickest. */
export const typed$ = (input: NodeJS.ReadStream): Observable<Command> =>
  new Observable((subscriber) => {
    if (!input.isTTY) return;
    const lines = createInterface({ input });
    lines.on('line', (line) => {
      const command = words[line.trim() === '' ? 'hold' : line.trim()];
      if (command) subscriber.next(command);
      else process.stderr.write(`type ${Object.keys(words).join(', ')}; an empty line holds\n`);
    });
    // The terminal gives Ctrl-C to whoever reads it.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return () => lines.close();
  });

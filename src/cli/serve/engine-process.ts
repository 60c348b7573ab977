import { fork } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { EngineWorker } from '../../planning/engine.ts';
import { workerEntry } from '../workers/entry.ts';

/** An engine in a process of its own: what aborts it natively costs nobody else anything. */
export interface EngineProcess extends EngineWorker {
  readonly pid: number | undefined;
  /** Ends it at once (SIGKILL), in the middle of whatever it does. */
  kill(): void;
}

/** Code of a process that a signal ended, as shells have it. */
const codeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal ? constants.signals[signal] : 0);

/** Starts the engine's process. What crosses to it and back is copied (structured clone). */
export function engineProcess(): EngineProcess {
  const child = fork(fileURLToPath(workerEntry('engine-process')), {
    serialization: 'advanced',
    execArgv: [],
    // What a native library prints goes to the log; stdout is the server's.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return {
    pid: child.pid,
    kill: () => void child.kill('SIGKILL'),
    postMessage: (message) => void child.send(message as object),
    on(event: 'message' | 'error' | 'exit', listener: (value: never) => void) {
      const listen = listener as (value: unknown) => void;
      if (event === 'exit') child.on('exit', (code, signal) => listen(codeOf(code, signal)));
      else if (event === 'error') child.on('error', listen);
      else child.on('message', listen);
    },
    off: (event, listener) => child.off(event, listener),
  };
}

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Jepilot {
  readonly ended: Promise<Ended>;
  /** Resolves with stderr so far once it holds `text`, or at the end. */
  said(text: string): Promise<string>;
  /** Resolves with stdout so far once it holds `text`, or at the end. */
  printed(text: string): Promise<string>;
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the built command line, as a user would. */
export function start(args: readonly string[], cwd = ROOT, env = process.env): Jepilot {
  const child = spawn(process.execPath, [join(ROOT, 'dist/src/cli/main.js'), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, stdout, stderr })));
  return {
    ended,
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    printed: (text) =>
      new Promise((done) => {
        const look = () => {
          if (stdout.includes(text)) done(stdout);
        };
        child.stdout.on('data', look);
        child.on('close', () => done(stdout));
        look();
      }),
    said: (text) =>
      new Promise((done) => {
        const look = () => {
          if (stderr.includes(text)) done(stderr);
        };
        child.stderr.on('data', look);
        child.on('close', () => done(stderr));
        look();
      }),
  };
}

export const jepilot = (...args: string[]): Promise<Ended> => start(args).ended;

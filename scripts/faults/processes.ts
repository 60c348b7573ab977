import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { GuardChange } from '../../src/cli/agent/supervisor.ts';
import type { AgentResult } from '../../src/cli/agent/report.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
/** Gives a process a wall clock that jumps at SIGUSR2. */
const JUMPING = resolve(import.meta.dirname, 'jumping-clock.mjs');

/** Ticks per second of the agents here. */
export const RATE = 20;

export const sleep = (seconds: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, 1000 * seconds);
  });

/** Waits until `is` holds; throws after `seconds`. */
export async function until(what: string, is: () => boolean, seconds = 30): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!is()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(0.02);
  }
}

function start(args: readonly string[]): { child: ChildProcess; out: () => string; err: () => string } {
  const node = ['--import', JUMPING, MAIN, ...args];
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  return { child, out: () => out, err: () => err };
}

export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
  readonly child: ChildProcess;
  /** Its events so far, of one kind. */
  events(kind: string): readonly Record<string, unknown>[];
}

/** `jepilot serve`, once it is ready. */
export async function startServer(port: number, task = 'two-room'): Promise<ServerProcess> {
  const { child, err } = start(['serve', task, '--port', String(port), '--json', '--upgrade-rate', '100']);
  const lines = (): Record<string, unknown>[] =>
    err()
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
  const events = (kind: string) => lines().filter((event) => event['kind'] === kind);
  await until(
    'a server that is ready',
    () => events('engine').some(({ state }) => state === 'ready') || child.exitCode !== null,
    60,
  );
  if (child.exitCode !== null) throw new Error(`serve ended: ${err()}`);
  return {
    port,
    child,
    events,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => child.on('exit', done));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGCONT');
        child.kill('SIGTERM');
        await Promise.race([ended, sleep(5)]);
        child.kill('SIGKILL');
      }
    },
  };
}

export interface AgentProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  changes(): readonly GuardChange[];
  /** Its first change to such a mode. */
  reached(mode: GuardChange['mode']): GuardChange | undefined;
  result(): AgentResult;
  said(): string;
}

/** `jepilot agent`, playing on past success. */
export function startAgent(port: number, ...more: string[]): AgentProcess {
  const events = join(mkdtempSync(join(tmpdir(), 'jepilot-faults-')), 'events.jsonl');
  const url = `ws://127.0.0.1:${port}`;
  const options = [
    '--track',
    'far',
    '--to-end',
    '--rate',
    String(RATE),
    '--latency',
    '3',
    '--events',
    events,
    '--json',
  ];
  const { child, out, err } = start(['agent', 'two-room', '--server', url, ...options, ...more]);
  const changes = (): GuardChange[] =>
    existsSync(events)
      ? readFileSync(events, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as GuardChange)
      : [];
  return {
    child,
    ended: new Promise((done) => child.on('exit', (code) => done(code))),
    changes,
    reached: (mode) => changes().find((change) => change.mode === mode),
    result: () => JSON.parse(out()) as AgentResult,
    said: err,
  };
}

/** An agent that has run for a second. */
export async function runningAgent(port: number, ...more: string[]): Promise<AgentProcess> {
  const agent = startAgent(port, ...more);
  await until('an agent that runs', () => {
    if (agent.child.exitCode !== null) throw new Error(`the agent ended: ${agent.said()}`);
    return agent.reached('running') !== undefined;
  });
  await sleep(1);
  return agent;
}

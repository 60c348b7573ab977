import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/safety/limits.ts';
import { rngOf } from '../../src/rng.ts';
import {
  messageProxy,
  sound,
  tcpProxy,
  type MessageFate,
  type MessageProxy,
  type TcpProxy,
} from './proxy.ts';
import {
  RATE,
  runningAgent,
  sleep,
  startAgent,
  startServer,
  until,
  type AgentProcess,
  type ServerProcess,
} from './processes.ts';

const PORT = 18_000 + (process.pid % 1000);
const { beatSilence, hardSilence } = defaultLimits;
/** Two control periods, seconds: what the thresholds may be exceeded by. */
const SLACK = 2 / RATE;

let server: ServerProcess;
let tcp: TcpProxy;
let messages: MessageProxy;
const agents: AgentProcess[] = [];

async function running(port: number, ...more: string[]): Promise<AgentProcess> {
  const agent = await runningAgent(port, ...more);
  agents.push(agent);
  return agent;
}

/** From the last beat to the hold and to the stop, on the robot's own monotonic clock. */
function times(agent: AgentProcess): { held: number; stopped: number } {
  const changes = agent.changes();
  const stop = changes.find(({ mode }) => mode === 'stopped');
  const at = stop?.beatAt ?? NaN;
  const hold = changes.findLast(
    ({ mode, reason, time }) =>
      mode === 'holding' && reason === 'link-silent' && time <= (stop?.time ?? Infinity),
  );
  return { held: (hold?.time ?? NaN) - at, stopped: (stop?.time ?? NaN) - at };
}

async function holdsAndStops(name: string, agent: AgentProcess): Promise<void> {
  expect(await agent.ended).toBe(4);
  const { held, stopped } = times(agent);
  console.log(
    `${name}: hold ${(1000 * held).toFixed(0)} ms, stop ${(1000 * stopped).toFixed(0)} ms after the last beat`,
  );
  expect(held).toBeLessThanOrEqual(beatSilence + SLACK);
  expect(stopped).toBeLessThanOrEqual(hardSilence + SLACK);
}

beforeAll(async () => {
  server = await startServer(PORT);
  tcp = await tcpProxy(PORT);
  messages = await messageProxy(PORT);
});

afterEach(() => {
  for (const { child } of agents.splice(0)) child.kill('SIGKILL');
  tcp.toRobot = 'pass';
  tcp.toServer = 'pass';
  messages.fate = sound;
});

afterAll(async () => {
  await tcp[Symbol.asyncDispose]();
  await messages[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('silence', () => {
  it('a frozen link: hold, then stop', async () => {
    const agent = await running(tcp.port);
    tcp.toRobot = 'stall';
    tcp.toServer = 'stall';
    await holdsAndStops('freeze', agent);
  });

  it('a link that is half open towards the robot', async () => {
    const agent = await running(tcp.port);
    tcp.toRobot = 'drop';
    await holdsAndStops('half open', agent);
  });

  it('a robot that the server no longer hears is stale within 500 ms', async () => {
    const agent = await running(tcp.port);
    const before = server.events('robot').length;
    const at = performance.now();
    tcp.toServer = 'drop';
    await until(
      'stale',
      () =>
        server
          .events('robot')
          .slice(before)
          .some(({ report }) => (report as { link: string }).link === 'stale'),
      5,
    );
    const took = performance.now() - at;
    console.log(`half open towards the server: stale after ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(500 + 40); // the log is looked at every 20 ms
    agent.child.kill('SIGKILL');
  });

  it('a slow reader: what waits is not executed later', async () => {
    const agent = await running(tcp.port);
    tcp.toRobot = 'stall';
    await holdsAndStops('slow reader', agent);
  });

  it('a freeze of 300 ms: a hold, and it goes on', async () => {
    const agent = await running(messages.port);
    messages.fate = (message, towards) => sound(message, towards).map((m) => ({ ...m, delayMs: 330 }));
    await sleep(0.33);
    messages.fate = sound;
    await sleep(1.5);
    expect(agent.changes().some(({ reason }) => reason === 'link-silent')).toBe(true);
    expect(agent.changes().at(-1)?.mode).toBe('running');
    expect(agent.reached('stopped')).toBeUndefined();
    agent.child.kill('SIGKILL');
  });
});

describe('a clock that jumps', () => {
  it('at either end by hours, on and back: nobody notices, for nobody looks at it', async () => {
    const agent = await running(PORT);
    const before = agent.changes().length;
    for (const { child } of [agent, server, agent, server]) {
      child.kill('SIGUSR2');
      await sleep(0.7);
    }
    expect(agent.changes().slice(before)).toEqual([]);
    expect(agent.changes().at(-1)?.mode).toBe('running');
    agent.child.kill('SIGINT');
    await agent.ended;
    const { counters } = agent.result().episodes[0]?.cadence ?? {};
    expect(counters?.failures).toBe(0);
  });
});

describe('a broken link', () => {
  it('a frame that is cut in the middle: hold at once, then stop', async () => {
    const agent = await running(tcp.port);
    tcp.cutNext();
    await holdsAndStops('cut frame', agent);
  });

  it('a server that is stopped (SIGSTOP)', async () => {
    const agent = await running(PORT);
    server.child.kill('SIGSTOP');
    await holdsAndStops('SIGSTOP of the server', agent);
    server.child.kill('SIGCONT');
    await sleep(1);
  });

  it('a server that is killed (SIGKILL); a new one is joined idle, and the stop stays latched', async () => {
    const agent = await running(PORT, '--reconnect', '0.5', '--remote-orders');
    server.child.kill('SIGKILL');
    await until('a stop', () => agent.reached('stopped') !== undefined, 5);
    expect(times(agent).stopped).toBeLessThanOrEqual(hardSilence + SLACK);
    server = await startServer(PORT);
    await until('a new session', () => agent.said().includes('began'), 20);
    await sleep(2);
    expect(agent.changes().at(-1)?.mode).toBe('stopped');
    agent.child.kill('SIGINT');
    await agent.ended;
  });
});

describe('a robot end that dies', () => {
  it('killed: the server knows within 500 ms, and the next one is idle first', async () => {
    const agent = await running(PORT);
    const before = server.events('robot').length;
    const at = performance.now();
    agent.child.kill('SIGKILL');
    await until(
      'down',
      () =>
        server
          .events('robot')
          .slice(before)
          .some(({ report }) => ['stale', 'down'].includes((report as { link: string }).link)),
      5,
    );
    const took = performance.now() - at;
    console.log(`SIGKILL of the robot end: known after ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(500);
    const next = startAgent(PORT);
    agents.push(next);
    await until('a first state', () => next.changes().length > 0);
    expect(next.changes()[0]?.mode).toBe('idle');
  });

  it('stopped for a second (SIGSTOP, SIGCONT): it finds itself too late, and stops', async () => {
    const agent = await running(PORT);
    agent.child.kill('SIGSTOP');
    await sleep(1);
    agent.child.kill('SIGCONT');
    expect(await agent.ended).toBe(4);
    expect(agent.reached('stopped')?.cause).toBe('link-silent');
  });
});

describe('frames that are late, lost, doubled, out of order, cut or flipped', () => {
  it('move nothing that the envelope does not allow, and end in no stop', async () => {
    const rng = rngOf('weather');
    const weather: MessageFate = (message) => {
      // One message in ten is of no use: five beats in a row, which are a stop, once in a thousand runs.
      if (rng.uniform() < 0.03) return [];
      const copies = rng.uniform() < 0.05 ? 2 : 1;
      return Array.from({ length: copies }, () => {
        const arriving = Buffer.from(message);
        if (rng.uniform() < 0.05) arriving[rng.integer(arriving.length)]! ^= 1 << rng.integer(8);
        const length = rng.uniform() < 0.02 ? rng.integer(arriving.length) : arriving.length;
        return { message: arriving.subarray(0, length), delayMs: 5 + rng.uniform(0, 40) };
      });
    };
    const agent = await running(messages.port);
    messages.fate = weather;
    await sleep(7);
    messages.fate = sound;
    expect(await agent.ended, JSON.stringify(agent.changes().slice(-4))).toBe(0);
    const { episodes, link } = agent.result();
    console.log(
      `weather: ${JSON.stringify(link)}, holds ${JSON.stringify(episodes[0]?.cadence.counters.holds)}`,
    );
    expect(link.corrupt).toBeGreaterThan(0);
    expect(link.repeated).toBeGreaterThan(0);
    expect(link.lost).toBeGreaterThan(0);
    expect(agent.reached('stopped')).toBeUndefined();
  });
});

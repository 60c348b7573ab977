#!/usr/bin/env node
// Four robots at 20 Hz on one server: what the server adds to a plan, holds that nobody planned, growth of the heap.
//   node scripts/bench/soak.mjs [--minutes 10] [--agents 4] [--rate 20] [--engines 1] [--task two-room]
// Fails where the overhead's p99 is above 5 ms, a robot held for want of a plan, or the heap grew by 10 MB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    agents: { type: 'string', default: '4' },
    rate: { type: 'string', default: '20' },
    engines: { type: 'string', default: '1' },
    task: { type: 'string', default: 'two-room' },
  },
});
const seconds = 60 * Number(values.minutes);
/** Seconds at the beginning that count for nothing: compilers and caches settle. */
const warmUp = Math.min(60, seconds / 4);
const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const jepilot = (...args) => spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

const serve = ['serve', values.task, '--port', '0', '--engines', values.engines, '--threads', '1', '--json'];
const server = jepilot(...serve);
const overheads = [];
const queues = [];
const plans = [];
const faults = [];
let counting = false;
createInterface({ input: server.stderr }).on('line', (line) => {
  if (!line.startsWith('{')) return;
  const event = JSON.parse(line);
  if (counting && event.kind === 'delivered') {
    overheads.push(event.timing.overheadMs);
    queues.push(event.timing.queueMs);
    plans.push(event.timing.planMs);
  }
  if (event.kind === 'failed' || (event.kind === 'engine' && event.state === 'lost')) faults.push(line);
});
const [ready] = await once(createInterface({ input: server.stdout }), 'line');
const { port } = JSON.parse(ready);

const agents = Array.from({ length: Number(values.agents) }, (_, i) => {
  const name = `robot ${i + 1}`;
  const episodes = String(Math.ceil(seconds));
  const agent = jepilot(
    ...['agent', values.task, '--server', `ws://127.0.0.1:${port}`, '--robot', name, '--rate', values.rate],
    ...['--seed', String(1_000_000 + 10_000 * i), '--episodes', episodes, '--to-end', '--json'],
  );
  // Robots are other machines: on this one they leave the cores to what is measured.
  if (agent.pid) setPriority(agent.pid, 10);
  let report = '';
  let said = '';
  agent.stdout.on('data', (data) => (report += data));
  agent.stderr.on('data', (data) => (said = (said + data).slice(-2000)));
  return { name, agent, ended: once(agent, 'close'), report: () => report, said: () => said };
});

const heaps = [];
const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
while (elapsed() < seconds) {
  await wait(1000);
  counting = elapsed() > warmUp;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  if (counting) heaps.push(Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20);
}
counting = false;
for (const { agent } of agents) agent.kill('SIGINT');
await Promise.all(agents.map(({ ended }) => ended));
server.kill('SIGINT');
await once(server, 'close');

const quantile = (series, q) => [...series].sort((a, b) => a - b)[Math.ceil(q * series.length) - 1] ?? NaN;
const show = (name, series) =>
  console.log(
    `${name}: p50 ${quantile(series, 0.5).toFixed(2)} ms, p99 ${quantile(series, 0.99).toFixed(2)} ms, max ${Math.max(...series).toFixed(2)} ms, n ${series.length}`,
  );
console.log(
  `${agents.length} agents at ${values.rate} Hz for ${seconds.toFixed(0)} s, of which ${warmUp.toFixed(0)} s to warm up`,
);
show('overhead of the server', overheads);
show('queue', queues);
show('plan', plans);
// What is left after a collection is the lowest of many samples.
const fifth = Math.max(1, Math.floor(heaps.length / 5));
const growth = Math.min(...heaps.slice(-fifth)) - Math.min(...heaps.slice(0, fifth));
console.log(`heap of the server after warm-up: grew by ${growth.toFixed(1)} MB`);

/** Holds by reason, wherever a report has them. */
function holdsIn(value, found = {}) {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'holds' && typeof inner === 'object')
      for (const [reason, count] of Object.entries(inner)) found[reason] = (found[reason] ?? 0) + count;
    else holdsIn(inner, found);
  }
  return found;
}
/** Nobody planned to hold for these. */
const unplanned = ['plan-exhausted', 'planning-failed', 'not-finite', 'link-stale', 'link-lost'];
let bad = faults.length;
for (const { name, report, said } of agents) {
  const holds = report() === '' ? null : holdsIn(JSON.parse(report()));
  console.log(`${name}: holds ${holds ? JSON.stringify(holds) : `unknown; it said: ${said().slice(-300)}`}`);
  bad += holds ? unplanned.reduce((sum, reason) => sum + (holds[reason] ?? 0), 0) : 1;
}
for (const fault of faults.slice(0, 5)) console.log(`fault: ${fault}`);
const holds = bad === 0 && quantile(overheads, 0.99) <= 5 && growth < 10;
console.log(holds ? 'holds' : 'DOES NOT HOLD');
process.exitCode = holds ? 0 : 1;

#!/usr/bin/env node
/**
 * What lateness costs: success and smoothness where plans act 0, 50, 200 and 1,000 ms after the observations that they
 * were made from. Virtual time, so that a seed means a result: node scripts/bench/delay.mjs [--episodes 50] [--track far]
 */
import { parseArgs } from 'node:util';
import { twoRoom } from '../../dist/envs/two-room/task.js';
import { choosePlanning, openHere } from '../../dist/src/cli/planning.js';
import { runVirtual } from '../../dist/src/control/virtual-loop.js';
import { mujocoEnvironment } from '../../dist/src/env/mujoco-environment.js';
import { wilson } from '../../dist/src/evaluation/statistics.js';

const { values } = parseArgs({
  options: { episodes: { type: 'string', default: '50' }, track: { type: 'string', default: 'far' } },
});
const episodes = Number(values.episodes);
const FIRST_SEED = 1_000_000;
/** Plans are asked for from an observation and act from a control step on: 50 ms late is late by a whole step. */
const DELAYS_MS = [0, 50, 200, 1000];

/** Largest change of any action between two commands in a row; those at seams, where another plan takes over, apart. */
class Steps {
  all = [];
  seams = [];
  #before = null;

  episode() {
    this.#before = null;
  }

  take({ sent, planId }) {
    const before = this.#before;
    this.#before = { sent, planId };
    if (!before) return;
    const change = Math.max(...sent.map((value, i) => Math.abs(value - before.sent[i])));
    this.all.push(change);
    if (planId !== before.planId) this.seams.push(change);
  }
}

const request = { planner: undefined, model: undefined, overrides: {}, provider: 'cpu', threads: 1 };
const choice = await choosePlanning(twoRoom, request);
const planning = await openHere(twoRoom, request, choice);
const environment = await mujocoEnvironment(twoRoom);
const rows = [];
for (const delay of DELAYS_MS) {
  const latency = Math.ceil(delay / (1000 * twoRoom.controlPeriod));
  const steps = new Steps();
  let reached = 0;
  let took = 0;
  for (let i = 0; i < episodes; i++) {
    steps.episode();
    const result = await runVirtual({
      environment,
      policy: planning.policy,
      config: { latency, replanInterval: choice.replanInterval },
      episode: { seed: FIRST_SEED + i, track: values.track, variation: {} },
      budget: { iterations: choice.iterations },
      stopOnSuccess: true,
      onTick: (tick) => steps.take(tick),
    });
    if (result.success) {
      reached += 1;
      took += result.stepsToSuccess;
    }
    process.stderr.write(`\r${delay} ms late: ${i + 1}/${episodes} `);
  }
  rows.push({ delay, latency, reached, took, steps });
}
process.stderr.write('\r');
const largest = (list) => list.reduce((a, b) => Math.max(a, b), 0);
const p99 = (list) => [...list].sort((a, b) => a - b)[Math.floor(0.99 * (list.length - 1))] ?? 0;
const [first] = rows;
const percent = (share) => `${(100 * share).toFixed(0)} %`;
console.log(
  `two-room, track ${values.track}, ${episodes} episodes from seed ${FIRST_SEED}, model ${choice.model.manifest.name}`,
);
console.log(
  '| late | steps | success (95 % interval) | steps to goal | largest step | × undelayed | largest at a seam | × undelayed | p99 at a seam |',
);
console.log('| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const { delay, latency, reached, took, steps } of rows) {
  const { rate, low, high } = wilson(reached, episodes);
  const ratio = (of) => (largest(steps[of]) / largest(first.steps[of])).toFixed(2);
  const cells = [
    `${delay} ms`,
    latency,
    `${percent(rate)} (${percent(low)} to ${percent(high)})`,
    reached === 0 ? '–' : (took / reached).toFixed(1),
    largest(steps.all).toFixed(3),
    ratio('all'),
    largest(steps.seams).toFixed(3),
    ratio('seams'),
    p99(steps.seams).toFixed(3),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
const worst = Math.max(...rows.map(({ steps }) => largest(steps.all) / largest(first.steps.all)));
console.log(`largest step between two commands: at most ${worst.toFixed(2)} times that without delay`);
if (worst > 1.2) process.exitCode = 1;
environment[Symbol.dispose]();
await planning[Symbol.asyncDispose]();

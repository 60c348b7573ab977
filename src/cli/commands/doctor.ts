import { availableParallelism, cpus, totalmem } from 'node:os';
import type { CommandModule } from 'yargs';
import { tasks } from '#envs/index.js';
import { lateAfter, quantilesOf } from '../../control/cadence.ts';
import { realClock } from '../../control/clock.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { Task } from '../../env/task.ts';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { reasonOf } from '../../errors.ts';
import { defaultThreads, openProvider } from '../../world-model/provider.ts';
import type { PrecisionReport } from '../../world-model/precision.ts';
import { measureGflops } from '../../world-model/provider-rate.ts';
import { zeros } from '../../tensor.ts';
import { choosePlanning, openInWorker } from '../planning.ts';
import { version } from '../version.ts';

/** Period at which timer jitter is measured: a 50 Hz control loop. */
const PERIOD = 0.02;
const BEATS = 50;
const PLANS = 30;

export const doctorCommand: CommandModule<object, { json: boolean }> = {
  command: 'doctor',
  describe: 'what this machine can do: CPU, providers, timer jitter, plan rate',
  builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  async handler({ json }) {
    const report = await examine();
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${describe(report)}\n`);
  },
};

type Report = Awaited<ReturnType<typeof examine>>;

async function examine() {
  const threads = defaultThreads();
  return {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    provider: (await openProvider('auto')).report,
    gflops: {
      oneThread: await measureGflops(0.3, 1),
      allThreads: await measureGflops(0.3, availableParallelism()),
    },
    timer: await timerJitter(),
    threads,
    plans: await planRates(threads),
  };
}

/** How late a 50 Hz clock ticks on this machine with nothing else to do, in milliseconds. */
function timerJitter(): Promise<{
  hz: number;
  latenessMs: ReturnType<typeof quantilesOf>;
  lateTicks: number;
}> {
  return new Promise((resolve) => {
    const lateness: number[] = [];
    const subscription = realClock()
      .ticks$(PERIOD)
      .subscribe((tick) => {
        lateness.push(tick.lateness);
        if (lateness.length < BEATS) return;
        subscription.unsubscribe();
        const lateTicks = lateness.filter((value) => value > lateAfter(PERIOD)).length;
        resolve({
          hz: 1 / PERIOD,
          latenessMs: quantilesOf(lateness.map((value) => 1000 * value)),
          lateTicks,
        });
      });
  });
}

/** One after the other: side by side they would slow each other down. */
async function planRates(threads: number) {
  const rates: Awaited<ReturnType<typeof planRate>>[] = [];
  for (const task of tasks) rates.push(await planRate(task, threads));
  return rates;
}

/** Times the task's default set-up: whole plans from one observation, encoding included. */
async function planRate(task: Task, threads: number) {
  try {
    const request = {
      planner: undefined,
      model: undefined,
      overrides: {},
      provider: 'auto' as const,
      precision: 'auto' as const,
      threads,
    };
    const choice = await choosePlanning(task, request);
    await using planning = await openInWorker(task, request, choice);
    using environment = await mujocoEnvironment(task);
    const { observation } = environment.reset({
      seed: FIRST_EVALUATION_SEED,
      track: task.tracks[0].name,
      variation: {},
    });
    const goal = { kind: 'observation' as const, value: environment.render(environment.goal()) };
    await planning.policy.reset({ seed: 0, goal });
    const none = zeros([0, task.actionSpec.dim]);
    const milliseconds: number[] = [];
    for (let i = 0; i < PLANS; i++) {
      const budget = { iterations: choice.iterations };
      const plan = await planning.policy.plan({
        observations: [observation],
        executed: none,
        committed: none,
        budget,
      });
      milliseconds.push(plan.evidence.totalMs);
    }
    const precision = planning.provider?.precision;
    return { task: task.name, planner: choice.planner, planMs: quantilesOf(milliseconds), precision };
  } catch (error) {
    return { task: task.name, error: reasonOf(error) };
  }
}

/** In which arithmetic, and why not in less. */
function arithmeticOf(precision: PrecisionReport | undefined): string {
  const refused = precision?.rejected.map(({ name, reason }) => `; not ${name}: ${reason}`).join('') ?? '';
  return precision ? `, in ${precision.used}${refused}` : '';
}

function describe(r: Report): string {
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(2)} ms`);
  const plans = r.plans.map((p) =>
    'error' in p
      ? `  ${p.task}: ${p.error}`
      : `  ${p.task}: ${p.planner} p50 ${ms(p.planMs?.p50)}, p95 ${ms(p.planMs?.p95)}: ${(1000 / (p.planMs?.p95 ?? Infinity)).toFixed(0)} plans a second${arithmeticOf(p.precision)}`,
  );
  return [
    `jepilot ${r.version} on Node ${r.node}, ${r.platform}`,
    `CPU        ${r.cpu}, ${r.cores} cores, ${r.memoryGiB} GiB`,
    `GFLOP/s    ${r.gflops.oneThread.toFixed(0)} on one thread, ${r.gflops.allThreads.toFixed(0)} on ${r.cores}`,
    `provider   ${r.provider.used}`,
    ...r.provider.rejected.map(({ name, reason }) => `  not ${name}: ${reason}`),
    `timer      ${r.timer.hz} Hz: late by p50 ${ms(r.timer.latenessMs?.p50)}, p99 ${ms(r.timer.latenessMs?.p99)}, max ${ms(r.timer.latenessMs?.max)}`,
    `plans      default set-ups, encoding included, ${r.threads} thread${r.threads === 1 ? '' : 's'}`,
    ...plans,
  ].join('\n');
}

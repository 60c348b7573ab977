import { createHash } from 'node:crypto';
import { runVirtual } from '../../control/virtual-loop.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { EpisodeRecord } from '../../evaluation/summary.ts';
import { openHere, type PlanningChoice, type PlanningRequest } from '../planning.ts';
import { loadTask } from '../tasks.ts';
import { drain } from './drain.ts';

/** What an evaluating worker is started with; index `i` is the episode of seed `seed + i`. */
export interface EvaluateData {
  readonly task: string;
  readonly request: PlanningRequest;
  readonly choice: PlanningChoice;
  readonly track: string;
  readonly seed: number;
  readonly latency: number;
  /** Play each episode to the end of its budget, so as to see whether success is held. */
  readonly toEnd: boolean;
  readonly variation: Readonly<Record<string, number>>;
}

await drain<EvaluateData, EpisodeRecord>(
  async ({ task: name, request, choice, track, seed, latency, toEnd, variation }) => {
    const task = await loadTask(name);
    const environment = await mujocoEnvironment(task);
    const planning = await openHere(task, request, choice);
    return {
      async run(index) {
        const hash = createHash('sha256');
        const result = await runVirtual({
          environment,
          policy: planning.policy,
          config: { latency, replanInterval: choice.replanInterval },
          episode: { seed: seed + index, track, variation },
          budget: { iterations: choice.iterations },
          stopOnSuccess: !toEnd,
          onTick: (tick) => hash.update(tick.sent),
        });
        const { success, stepsToSuccess, successAtEnd, steps, finalDistance, counters, planMs } = result;
        const holds = Object.values(counters.holds).reduce((a, b) => a + b, 0);
        const { tails, clamps } = counters;
        const actions = hash.digest('hex').slice(0, 16);
        return {
          seed: seed + index,
          success,
          stepsToSuccess,
          successAtEnd,
          steps,
          finalDistance,
          holds,
          tails,
          clamps,
          actions,
          planMs,
        };
      },
      async close() {
        await planning[Symbol.asyncDispose]();
        environment[Symbol.dispose]();
      },
    };
  },
);

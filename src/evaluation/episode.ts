import { createHash } from 'node:crypto';
import { runVirtual } from '../control/virtual-loop.ts';
import type { Environment, TimeStep } from '../env/environment.ts';
import type { Image } from '../env/observation.ts';
import type { Policy } from '../planning/policy.ts';
import type { Cell } from './cell.ts';
import { checkSituation } from './situation.ts';
import type { EpisodeRecord } from './summary.ts';

/** How one episode is to be played. */
export interface EpisodeOrder {
  readonly cell: Pick<Cell, 'track' | 'latency' | 'replanInterval' | 'iterations' | 'toEnd' | 'variation'>;
  readonly seed: number;
  /** Hash of the situation in the manifest; null where there is none. */
  readonly expected: string | null;
  /** How many pictures of the way to keep, start and end among them; 0 for none. */
  readonly pictures: number;
}

export interface PlayedEpisode {
  readonly record: EpisodeRecord;
  readonly pictures: readonly Image[];
  readonly goal: Image | null;
}

/** What the control loop does not count. */
class Watch {
  readonly hash = createHash('sha256');
  readonly frames: Image[] = [];
  illegalSteps = 0;
  heldSteps = 0;
  evaluations = 0;
  plans = 0;

  see({ observation, success, legal }: TimeStep, keep: boolean): void {
    if (legal === false) this.illegalSteps++;
    this.heldSteps = success ? this.heldSteps + 1 : 0;
    const image = Object.values(observation.images)[0];
    if (keep && image) this.frames.push(image);
  }
}

/** `count` of them, evenly spread, first and last among them. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!);
}

/**
 * Plays one episode in virtual time. A strict track succeeds where the goal stands at the end of the budget and no step
 * was illegal. Throws `bad-state` where the draw differs from the manifest's, and what the policy throws.
 */
export async function playEpisode(
  environment: Environment,
  policy: Policy,
  { cell, seed, expected, pictures }: EpisodeOrder,
): Promise<PlayedEpisode> {
  const watch = new Watch();
  let goal: Image | null = null;
  const result = await runVirtual({
    environment,
    policy,
    config: { latency: cell.latency, replanInterval: cell.replanInterval },
    episode: { seed, track: cell.track.name, variation: cell.variation },
    budget: { iterations: cell.iterations },
    stopOnSuccess: !cell.toEnd,
    onTick: (tick) => watch.hash.update(tick.sent),
    onPlan: ({ evidence }) => {
      watch.plans += 1;
      watch.evaluations += evidence.evaluations;
    },
    onTimeStep(timeStep) {
      if (timeStep.kind === 'first') {
        if (expected !== null) checkSituation(environment, expected, seed);
        if (pictures > 0) goal = Object.values(environment.render(environment.goal()).images)[0] ?? null;
      }
      watch.see(timeStep, pictures > 0);
    },
  });
  const { stepsToSuccess, successAtEnd, steps, finalDistance, counters, planMs } = result;
  const { illegalSteps, heldSteps, evaluations, plans } = watch;
  const success = cell.track.strict ? successAtEnd && illegalSteps === 0 : result.success;
  const { tails, clamps } = counters;
  const record: EpisodeRecord = {
    seed,
    success,
    stepsToSuccess: success ? stepsToSuccess : null,
    successAtEnd,
    steps,
    finalDistance,
    holds: Object.values(counters.holds).reduce((a, b) => a + b, 0),
    tails,
    clamps,
    actions: watch.hash.digest('hex').slice(0, 16),
    heldSteps,
    illegalSteps,
    plans,
    evaluations,
    planMs,
  };
  return { record, pictures: spread(watch.frames, pictures), goal };
}

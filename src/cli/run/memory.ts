import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Plan } from '../../planning/plan.ts';
import type { Frame, PlanRecord, RunTrace } from '../../record/run-record.ts';
import type { Watcher } from './play.ts';

/** Remembers a run for its report. Sits beside the loop, never in it. */
export class RunMemory implements Watcher {
  readonly frames: Frame[] = [];
  readonly ticks: Tick[] = [];
  readonly plans: PlanRecord[] = [];
  readonly distances: number[] = [];
  successStep: number | null = null;
  readonly #camera: string;
  readonly #judged: boolean;

  /** @param judged - false when the goal is a picture of the user's, whose distance nobody can measure */
  constructor(camera: string, judged: boolean) {
    this.#camera = camera;
    this.#judged = judged;
  }

  timeStep({ observation, distance, success }: TimeStep): void {
    const image = observation.images[this.#camera];
    if (image) this.frames.push({ step: observation.step, image });
    if (!this.#judged) return;
    this.distances.push(distance);
    if (success) this.successStep ??= observation.step;
  }

  tick(tick: Tick): void {
    this.ticks.push(tick);
  }

  plan({ id, startStep, evidence }: Plan, observedStep: number): void {
    this.plans.push({ id, step: observedStep, startStep, evidence });
  }

  trace(about: Omit<RunTrace, 'frames' | 'ticks' | 'plans' | 'distances' | 'successStep'>): RunTrace {
    const { frames, ticks, plans, distances, successStep } = this;
    return { ...about, frames, ticks, plans, distances, successStep };
  }
}

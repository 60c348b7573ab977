import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Plan } from '../../planning/plan.ts';
import type { RunFolder } from '../../record/run-folder.ts';
import type { Frame, PlanRecord, RunTrace } from '../../record/run-record.ts';

/** Remembers a run for its report and passes ticks and plans on to disk. Sits beside the loop, never in it. */
export class RunRecorder {
  readonly frames: Frame[] = [];
  readonly ticks: Tick[] = [];
  readonly plans: PlanRecord[] = [];
  readonly distances: number[] = [];
  successStep: number | null = null;
  readonly #folder: RunFolder;
  readonly #camera: string;
  readonly #latency: number;
  readonly #judged: boolean;

  /** @param judged - false when the goal is a picture of the user's, whose distance nobody can measure */
  constructor(folder: RunFolder, camera: string, latency: number, judged: boolean) {
    this.#folder = folder;
    this.#camera = camera;
    this.#latency = latency;
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
    this.#folder.tick(tick);
  }

  plan(plan: Plan): void {
    const { id, startStep, evidence } = plan;
    const step = startStep - this.#latency;
    this.plans.push({ id, step, startStep, evidence });
    this.#folder.plan(plan, step);
  }

  trace(about: Omit<RunTrace, 'frames' | 'ticks' | 'plans' | 'distances' | 'successStep'>): RunTrace {
    const { frames, ticks, plans, distances, successStep } = this;
    return { ...about, frames, ticks, plans, distances, successStep };
  }
}

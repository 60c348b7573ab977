import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Plan } from '../../planning/plan.ts';
import { readable } from '../../record/outcome.ts';

/** Steps between lines where there is no terminal to rewrite one on. */
const SPARSE = 10;

/** The one live line of a run: step, plan time, time to go, distance, what drives the robot. */
export class StatusLine {
  readonly #budget: number | null;
  readonly #unit: string | null;
  readonly #alarming: number | undefined;
  readonly #terminal = process.stderr.isTTY;
  #plan: Plan | undefined;
  #timeStep: TimeStep | undefined;

  /**
   * @param budget - control steps that the episode may take; null where the robot counts others too
   * @param unit - of the distance; null when the goal is a picture and distance unknown
   * @param alarming - the model's calibrated limit of surprise
   */
  constructor(budget: number | null, unit: string | null, alarming?: number) {
    this.#budget = budget;
    this.#alarming = alarming;
    this.#unit = unit;
  }

  plan(plan: Plan): void {
    this.#plan = plan;
  }

  timeStep(timeStep: TimeStep): void {
    this.#timeStep = timeStep;
  }

  tick(tick: Tick): void {
    if (this.#terminal) process.stderr.write(`\r\u001b[2K${this.#text(tick)}`);
    else if (tick.step % SPARSE === 0) process.stderr.write(`${this.#text(tick)}\n`);
  }

  end(): void {
    if (this.#terminal) process.stderr.write('\r\u001b[2K');
  }

  /** As a multiple of what the model is used to, where that is known. */
  #surprise(value: number): string {
    if (this.#alarming === undefined) return `surprise ${value.toPrecision(2)}`;
    return `surprise ${(value / this.#alarming).toFixed(1)} of its limit`;
  }

  #text(tick: Tick): string {
    const { totalMs, timeToGo, surprise } = this.#plan?.evidence ?? {};
    const away =
      this.#timeStep && this.#unit !== null
        ? `${readable(this.#timeStep.distance)} ${this.#unit} away`
        : null;
    const parts = [
      this.#budget === null ? `step ${tick.step + 1}` : `step ${tick.step + 1}/${this.#budget}`,
      totalMs === undefined ? 'no plan yet' : `plan ${totalMs.toFixed(1)} ms`,
      timeToGo === undefined || timeToGo === null ? null : `time to go ${timeToGo.toFixed(1)} steps`,
      surprise === undefined || surprise === null ? null : this.#surprise(surprise),
      away,
      tick.source === 'plan' ? null : `${tick.source}${tick.reason ? ` (${tick.reason})` : ''}`,
      this.#unit !== null && this.#timeStep?.success ? 'goal reached' : null,
    ];
    return parts.filter((part) => part !== null).join(' · ');
  }
}

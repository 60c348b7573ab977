import type { Plan } from '../../src/planning/plan.ts';
import type { Goal, PlanRequest, Policy } from '../../src/planning/policy.ts';
import { planOf } from './plan-of.ts';

export interface LinePolicyOptions {
  readonly rows?: number;
  readonly window?: number;
  /** Milliseconds of wall time for plan number `n`. */
  readonly delayMs?: (n: number) => number;
  /** What plan number `n` throws, if anything. */
  readonly failure?: (n: number) => Error | undefined;
  readonly privileged?: true;
  /** What every plan says of the time to go, in control steps. */
  readonly timeToGo?: number;
}

/** Solves the line exactly: imagines the committed rows, then runs at full speed until the goal is met. */
export class LinePolicy implements Policy {
  readonly name = 'line';
  readonly window: number;
  readonly privileged?: true;
  readonly requests: PlanRequest[] = [];
  readonly plans: Plan[] = [];
  readonly #options: LinePolicyOptions;
  #goal = 0;

  constructor(options: LinePolicyOptions = {}) {
    this.#options = options;
    this.window = options.window ?? 1;
    if (options.privileged) this.privileged = true;
  }

  async reset({ goal }: { seed: number; goal: Goal }): Promise<void> {
    this.requests.length = 0;
    this.plans.length = 0;
    await this.setGoal(goal);
  }

  async setGoal(goal: Goal): Promise<void> {
    if (goal.kind === 'observation') this.#goal = goal.value.state[0]!;
  }

  async plan(request: PlanRequest): Promise<Plan> {
    const n = this.requests.push(request) - 1;
    const { delayMs, failure } = this.#options;
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs(n)));
    const thrown = failure?.(n);
    if (thrown) throw thrown;
    const plan = this.#solve(n, request);
    this.plans.push(plan);
    return plan;
  }

  #solve(id: number, { observations, committed }: PlanRequest): Plan {
    const latest = observations.at(-1)!;
    let position = latest.state[0]! + 0.1 * committed.data.reduce((sum, v) => sum + v, 0);
    const rows = Array.from({ length: this.#options.rows ?? 8 }, () => {
      const velocity = Math.max(-1, Math.min(1, (this.#goal - position) / 0.1));
      position += 0.1 * velocity;
      return velocity;
    });
    const plan = planOf(id, latest.step + committed.data.length, rows);
    const { timeToGo } = this.#options;
    return timeToGo === undefined ? plan : { ...plan, evidence: { ...plan.evidence, timeToGo } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    /* nothing to free */
  }
}

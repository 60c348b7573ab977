import type { Plan } from './plan.ts';
import type { PlanRequest, Policy } from './policy.ts';

/** Plans that are made in one go at most: beyond, a run gains little and everybody waits longer. */
const LARGEST = 8;
/** Share of the newest plan in the estimate of what a plan takes. */
const NEWEST = 0.3;

/** A plan that is waited for. */
export interface WaitingPlan {
  readonly session: number;
  readonly request: PlanRequest;
  /** When it was asked for, on the clock of `now`. */
  readonly arrived: number;
  /** How many other calls of its session came before it: they have to be done first. */
  readonly after: number;
  readonly resolve: (plan: Plan) => void;
  readonly reject: (error: unknown) => void;
}

/** What the queue needs of the engine. */
export interface PlanQueueParts {
  readonly now: () => number;
  readonly policyOf: (session: number) => Policy;
  /** Other calls of a session that are done. */
  readonly doneOf: (session: number) => number;
  readonly together: <T>(tasks: readonly (() => Promise<T>)[]) => Promise<PromiseSettledResult<T>[]>;
  /** Mends what can be mended after a plan has failed, before the next; what those who wait are told. */
  readonly recover: (error: unknown) => Promise<unknown>;
}

/**
 * The plans that robots wait for on one engine. Those that wait together are made together, the most urgent first, as
 * long as by past experience all of them still meet their deadlines; the rest wait for the next turn. A deadline counts
 * from the request: time spent waiting is time less to search.
 */
export class PlanQueue {
  readonly #parts: PlanQueueParts;
  #waiting: WaitingPlan[] = [];
  /** Seconds that a plan of a session takes, on average. */
  readonly #cost = new Map<number, number>();

  constructor(parts: PlanQueueParts) {
    this.#parts = parts;
  }

  add(plan: WaitingPlan): void {
    this.#waiting.push(plan);
  }

  /** Forgets what a session took. */
  forget(session: number): void {
    this.#cost.delete(session);
  }

  /** Makes the next plans that can be made together, if any wait. Errors go to those who wait. */
  async serve(): Promise<void> {
    const chosen = this.#choose();
    if (chosen.length === 0) return;
    const began = this.#parts.now();
    const results = await this.#parts.together(chosen.map((plan) => () => this.#make(plan)));
    const each = (this.#parts.now() - began) / chosen.length;
    for (const [i, result] of results.entries()) {
      const { session, resolve, reject } = chosen[i]!;
      if (result.status === 'rejected') reject(await this.#parts.recover(result.reason));
      else {
        this.#cost.set(session, (1 - NEWEST) * (this.#cost.get(session) ?? each) + NEWEST * each);
        resolve(result.value);
      }
    }
  }

  async #make({ session, request, arrived }: WaitingPlan): Promise<Plan> {
    const { seconds } = request.budget;
    if (seconds === undefined) return this.#parts.policyOf(session).plan(request);
    const left = Math.max(0, seconds - (this.#parts.now() - arrived));
    return this.#parts.policyOf(session).plan({ ...request, budget: { ...request.budget, seconds: left } });
  }

  /** Seconds until a plan is due. */
  #slack({ request, arrived }: WaitingPlan): number {
    return (request.budget.seconds ?? Infinity) - (this.#parts.now() - arrived);
  }

  #choose(): WaitingPlan[] {
    const ready = this.#waiting.filter(({ session, after }) => this.#parts.doneOf(session) >= after);
    const urgent = ready.map((plan) => ({ plan, slack: this.#slack(plan) }));
    urgent.sort((a, b) => (a.slack === b.slack ? 0 : a.slack - b.slack));
    const chosen: WaitingPlan[] = [];
    let total = 0;
    for (const { plan } of urgent) {
      if (chosen.some(({ session }) => session === plan.session)) continue;
      total += this.#cost.get(plan.session) ?? 0;
      // The first is the most urgent: what it can bear, all can.
      if (chosen.length > 0 && total > urgent[0]!.slack) break;
      chosen.push(plan);
      if (chosen.length === LARGEST) break;
    }
    this.#waiting = this.#waiting.filter((plan) => !chosen.includes(plan));
    return chosen;
  }
}

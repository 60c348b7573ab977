import { Subject } from 'rxjs';
import type { Tick } from '../../src/control/tick.ts';
import type { Order, RobotReport } from '../../src/serve/events.ts';
import type { PlanningSession, ServedPlan, SessionInfo, SessionRequest } from '../../src/serve/sessions.ts';
import type { PlanRequest } from '../../src/planning/policy.ts';
import { planOf } from './plan-of.ts';
import { LinePolicy } from './line-policy.ts';
import { linearManifest } from './linear-world-model.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { LineEnvironment } from './line-environment.ts';

export interface LineSessionOptions {
  readonly time: VirtualTime;
  readonly environment: LineEnvironment;
  /** Seconds that plan number `n` takes. */
  readonly delay?: (n: number) => number;
  /** Rows in place of the line's own. */
  readonly rows?: (n: number) => readonly number[] | null;
}

/** A planning session that solves the line, in virtual time. */
export class LineSession implements PlanningSession {
  readonly info: SessionInfo;
  readonly orders$ = new Subject<Order>();
  readonly order$ = this.orders$;
  readonly ticks: Tick[] = [];
  readonly reports: (RobotReport & { readonly time: number })[] = [];
  readonly requests: PlanRequest[] = [];
  closed: string | null = null;
  readonly #options: LineSessionOptions;
  readonly #policy = new LinePolicy({ rows: 40 });

  constructor(options: LineSessionOptions, { robot, peer, protocol }: SessionRequest) {
    this.#options = options;
    const { actionSpec, stateNames, cameras } = options.environment;
    this.info = {
      id: 's1',
      robot,
      protocol,
      peer,
      task: 'line',
      planner: 'line',
      model: linearManifest(),
      actionSpec,
      stateNames,
      cameras,
      controlPeriod: 0.05,
      window: 1,
      rows: 40,
      replanInterval: 4,
      iterations: 1,
    };
  }

  async reset({ seed, goal }: Parameters<PlanningSession['reset']>[0]): Promise<void> {
    if (goal.kind !== 'observation') throw new Error('the line shows its goals');
    await this.#policy.reset({ seed, goal });
  }

  async setGoal(): Promise<void> {
    /* the line has one goal an episode */
  }

  async plan(request: PlanRequest): Promise<ServedPlan> {
    const n = this.requests.push(request) - 1;
    const wait = this.#options.delay?.(n) ?? 0.01;
    if (wait > 0) await this.#options.time.sleep(wait);
    const plan = await this.#policy.plan(request);
    const rows = this.#options.rows?.(n);
    return { plan: rows ? planOf(n, plan.startStep, rows) : plan, queueMs: 0, reached: null };
  }

  async configure(): Promise<void> {
    /* nothing to set */
  }

  tick(tick: Tick): void {
    this.ticks.push(tick);
  }

  report(report: RobotReport): void {
    this.reports.push({ ...report, time: this.#options.time.now() });
  }

  order(order: Order): void {
    this.orders$.next(order);
  }

  async close(reason: string): Promise<void> {
    this.closed = reason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close('disposed');
  }
}

import { Subject } from 'rxjs';
import { quiet, watch, type Watch } from '../control/vigilance.ts';
import { JepilotError, toErrorData } from '../errors.ts';
import type { Engine } from '../planning/engine.ts';
import type { Goal, PlanRequest, Policy } from '../planning/policy.ts';
import type { PlanningOverrides, PlanningSettings } from '../planning/settings.ts';
import type { EngineSlot } from './engine-slot.ts';
import type { Order, ServeEvent } from './events.ts';
import type { GoalRequest, PlanningSession, ServedPlan, SessionInfo } from './sessions.ts';
import { readyEngine, type TaskService } from './task-service.ts';

/** A picture that somebody recorded. */
export type FindFrame = (recording: string, step: number) => Promise<Goal>;

export interface SessionOptions {
  readonly info: SessionInfo;
  readonly service: TaskService;
  readonly settings: PlanningSettings;
  readonly emit: (event: ServeEvent) => void;
  /** Iterations that a request may ask for, as a multiple of the session's own. */
  readonly iterationsFactor: number;
  readonly findFrame: FindFrame;
  readonly onClosed: (session: PlanningSession) => void;
}

/** Goals that may wait. */
const MAXIMUM_WAITING = 64;

/** The policy of a session on the engine that it lives on at present. */
interface Seat {
  readonly slot: EngineSlot;
  readonly engine: Engine;
  readonly policy: Policy;
}

interface Episode {
  readonly seed: number;
  goal: Goal;
  readonly waiting: Goal[];
  watch: Watch;
}

/** One robot's planning: it takes a seat on an engine, and another one where that is lost. */
export class Session implements PlanningSession {
  readonly #orders = new Subject<Order>();
  readonly order$ = this.#orders.asObservable();
  #info: SessionInfo;
  readonly #options: SessionOptions;
  #settings: PlanningSettings;
  #overrides: PlanningOverrides = {};
  #seat: Seat | null = null;
  #seating: Promise<Seat> | null = null;
  #episode: Episode | null = null;
  #busy = false;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#info = options.info;
    this.#settings = options.settings;
  }

  get info(): SessionInfo {
    return this.#info;
  }

  async reset({ seed, goal: wanted }: { seed: number; goal: GoalRequest }): Promise<void> {
    const goal = await this.#goal(wanted);
    this.#episode = { seed, goal, waiting: [], watch: quiet };
    try {
      if (this.#live()) await this.#taken(({ policy }) => policy.reset({ seed, goal }));
      else await this.#seated();
    } catch (error) {
      this.#episode = null;
      throw error;
    }
    this.#tell({ kind: 'reset', session: this.#info.id, seed, goal });
  }

  async setGoal(wanted: GoalRequest, when: 'now' | 'next'): Promise<void> {
    const goal = await this.#goal(wanted);
    const episode = this.#running();
    if (when === 'now') {
      episode.waiting.length = 0;
      return this.#aim(episode, goal);
    }
    if (episode.waiting.length >= MAXIMUM_WAITING)
      throw new JepilotError('out-of-range', `${MAXIMUM_WAITING} goals wait already; none more is taken`);
    episode.waiting.push(goal);
  }

  async plan(request: PlanRequest): Promise<ServedPlan> {
    if (this.#busy) throw new JepilotError('bad-state', `session ${this.#info.id} is planning already`);
    const episode = this.#running();
    const observation = request.observations.at(-1);
    if (observation) this.#tell({ kind: 'observed', session: this.#info.id, observation });
    this.#busy = true;
    try {
      return await this.#plan(episode, this.#bounded(request));
    } catch (error) {
      this.#tell({ kind: 'failed', session: this.#info.id, error: toErrorData(error) });
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async configure(settings: PlanningOverrides): Promise<void> {
    const overrides = { ...this.#overrides, ...settings };
    this.#settings = await this.#options.service.settle(overrides);
    this.#overrides = overrides;
    const { planner, replanInterval, iterations, horizon } = this.#settings;
    const rows = horizon * this.#options.service.manifest.action.repeat;
    this.#info = { ...this.#info, planner, replanInterval, iterations, rows };
    await this.#leave();
  }

  tick: PlanningSession['tick'] = (tick) => this.#tell({ kind: 'tick', session: this.#info.id, tick });
  report: PlanningSession['report'] = (report) =>
    this.#tell({ kind: 'robot', session: this.#info.id, report });

  order(order: Order, by: string): void {
    this.#tell({ kind: 'order', session: this.#info.id, order, by });
    this.#orders.next(order);
  }

  async close(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#tell({ kind: 'closed', session: this.#info.id, reason });
    this.#orders.complete();
    this.#options.onClosed(this);
    await this.#leave();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close('disposed');
  }

  #tell(event: ServeEvent): void {
    this.#options.emit(event);
  }

  #running(): Episode {
    if (this.#closed) throw new JepilotError('bad-state', `session ${this.#info.id} is closed`);
    if (this.#episode) return this.#episode;
    throw new JepilotError('bad-state', `session ${this.#info.id} has no goal yet: reset it with one first`);
  }

  #bounded(request: PlanRequest): PlanRequest {
    const limit = this.#options.iterationsFactor * this.#settings.iterations;
    const iterations = Math.min(limit, request.budget.iterations);
    return { ...request, budget: { ...request.budget, iterations } };
  }

  async #plan(episode: Episode, request: PlanRequest): Promise<ServedPlan> {
    const { value: plan, queueMs } = await this.#taken(({ policy }) => policy.plan(request));
    const { step = 0 } = request.observations.at(-1) ?? {};
    const { calibration } = this.#options.service.manifest;
    const limits = calibration?.reached;
    episode.watch = watch(limits ? { reached: limits } : {}, episode.watch, step, plan.evidence);
    const reached = limits ? episode.watch.reached : null;
    this.#tell({ kind: 'planned', session: this.#info.id, step, plan, queueMs, reached });
    if (reached && episode === this.#episode) await this.#advance(episode);
    return { plan, queueMs, reached };
  }

  async #advance(episode: Episode): Promise<void> {
    const next = episode.waiting.shift();
    if (next) await this.#aim(episode, next);
  }

  async #aim(episode: Episode, goal: Goal): Promise<void> {
    if (this.#live()) await this.#taken(({ policy }) => policy.setGoal(goal));
    Object.assign(episode, { goal, watch: quiet });
    this.#tell({ kind: 'goal', session: this.#info.id, goal, waiting: episode.waiting.length });
  }

  async #goal(wanted: GoalRequest): Promise<Goal> {
    if (wanted.kind === 'observation' || wanted.kind === 'latent') return wanted;
    if (wanted.kind === 'frame') return this.#options.findFrame(wanted.recording, wanted.step);
    const { slot, engine } = await readyEngine(this.#options.service);
    const { value } = await slot.take(engine, () => engine.showGoal(this.#options.service.taskName, wanted));
    return { kind: 'observation', value };
  }

  /** The seat, if its engine still runs. */
  #live(): Seat | null {
    return this.#seat && this.#seat.slot.engine === this.#seat.engine ? this.#seat : null;
  }

  /** A seat: the one there is, or a new one that knows the episode. */
  #seated(): Promise<Seat> {
    const live = this.#live();
    if (live) return Promise.resolve(live);
    return (this.#seating ??= this.#sit().finally(() => (this.#seating = null)));
  }

  async #sit(): Promise<Seat> {
    await this.#leave();
    const { slot, engine } = await readyEngine(this.#options.service);
    const { actionSpec } = this.#info;
    const session = { planner: this.#settings.planner, settings: this.#settings, mode: actionSpec.mode };
    const { value: policy } = await slot.take(engine, () => engine.policy(session));
    const episode = this.#episode;
    if (episode) await slot.take(engine, () => policy.reset({ seed: episode.seed, goal: episode.goal }));
    slot.sessions += 1;
    return (this.#seat = { slot, engine, policy });
  }

  async #taken<T>(work: (seat: Seat) => Promise<T>): Promise<{ value: T; queueMs: number }> {
    const seat = await this.#seated();
    return seat.slot.take(seat.engine, () => work(seat));
  }

  async #leave(): Promise<void> {
    const seat = this.#seat;
    this.#seat = null;
    if (!seat) return;
    seat.slot.sessions -= 1;
    // An engine that was lost took its sessions with it.
    const dispose = async (): Promise<void> => seat.policy[Symbol.asyncDispose]();
    await seat.slot.take(seat.engine, dispose).catch(() => undefined);
  }
}

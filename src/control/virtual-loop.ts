import type { Environment, EpisodeSpec, TimeStep } from '../env/environment.ts';
import { privilegedOf } from '../env/privileged.ts';
import { JepilotError } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { Goal, Policy } from '../planning/policy.ts';
import { reduce, type CoreEvent } from './core.ts';
import type { Counters } from './counters.ts';
import { failureOf } from './failure.ts';
import { nextRequest, type Ask } from './request.ts';
import { coreSafety, type SafetyOptions } from './safety.ts';
import { initialState, type CoreConfig, type CoreState } from './state.ts';
import type { Tick } from './tick.ts';

export interface VirtualOptions {
  readonly environment: Environment;
  readonly policy: Policy;
  /** Latency and replan interval, in control steps. */
  readonly config: Pick<CoreConfig, 'latency' | 'replanInterval' | 'initialCommand' | 'vigilance'>;
  /** The safety envelope; the task's by default. */
  readonly safety?: SafetyOptions;
  readonly episode: EpisodeSpec;
  /** What the policy is to reach; the picture of the environment's goal by default. */
  readonly goal?: Goal;
  /** Iterations only: seconds would make the result depend on the machine. */
  readonly budget: { readonly iterations: number };
  /** End at the first success instead of at the episode's budget. */
  readonly stopOnSuccess?: boolean;
  readonly signal?: AbortSignal;
  readonly onTick?: (tick: Tick) => void;
  /** `observedStep` is the step of the observation that the plan was made from. */
  readonly onPlan?: (plan: Plan, observedStep: number) => void;
  /** The first time step and every one after. */
  readonly onTimeStep?: (timeStep: TimeStep) => void;
}

export interface VirtualResult {
  /** Reached at any step. */
  readonly success: boolean;
  readonly stepsToSuccess: number | null;
  readonly successAtEnd: boolean;
  /** Control steps taken. */
  readonly steps: number;
  /** In the task's unit. */
  readonly finalDistance: number;
  readonly counters: Counters;
  /** Milliseconds of each plan, by the policy's own account. */
  readonly planMs: readonly number[];
}

interface Flight {
  readonly ask: Ask;
  readonly answer: Promise<CoreEvent>;
}

/** One episode being played: the core's state, and the plan that is in flight until its declared start step. */
class VirtualEpisode {
  readonly #options: VirtualOptions;
  readonly #config: CoreConfig;
  readonly planMs: number[] = [];
  state: CoreState;
  #flight: Flight | null = null;

  constructor(options: VirtualOptions) {
    const { environment, policy, config } = options;
    this.#options = options;
    const { actionSpec, controlPeriod } = environment;
    const safety = coreSafety(actionSpec, controlPeriod, options.safety);
    this.#config = { ...config, actionSpec, window: policy.window, safety };
    this.state = initialState(this.#config);
  }

  observe(timeStep: TimeStep): void {
    this.#accept({ kind: 'observation', observation: timeStep.observation });
    this.#options.onTimeStep?.(timeStep);
  }

  /** Takes in the plan that starts at the coming step, and asks for the next one where one is due. */
  async plan(): Promise<void> {
    for (;;) {
      const { nextStep } = this.state;
      if (this.#flight && this.#flight.ask.startStep <= nextStep) await this.#land(this.#flight);
      const ask = nextRequest(this.#config, this.state);
      if (!ask || ask.startStep >= this.#options.environment.budget) return;
      this.#accept({ kind: 'asked', ask });
      this.#flight = { ask, answer: this.#answer(ask) };
      if (ask.startStep > nextStep) return;
    }
  }

  /** The model's own account says that the goal is reached. */
  get reached(): boolean {
    return this.state.stop?.cause === 'reached';
  }

  /** The tick of the coming step. Throws what the policy threw once that has stopped the run. */
  tick(): Tick {
    const { stop, nextStep } = this.state;
    if (stop && !this.reached)
      throw stop.error instanceof Error ? stop.error : new JepilotError('bad-state', stop.reason);
    const tick = this.#accept({ kind: 'tick', time: nextStep * this.#options.environment.controlPeriod });
    if (!tick)
      throw new JepilotError('bad-state', 'a position robot without a plan needs an initial command');
    this.#options.onTick?.(tick);
    return tick;
  }

  /** Waits for a plan that nobody will use, so that the policy is idle afterwards. */
  async end(): Promise<void> {
    await this.#flight?.answer;
  }

  async #answer(ask: Ask): Promise<CoreEvent> {
    const { policy, environment, budget } = this.#options;
    const { observations, executed, committed } = ask;
    const privileged = policy.privileged ? { privileged: privilegedOf(environment) } : {};
    try {
      const plan = await policy.plan({ observations, executed, committed, budget, ...privileged });
      return { kind: 'plan', plan };
    } catch (error) {
      return failureOf(error);
    }
  }

  async #land({ ask, answer }: Flight): Promise<void> {
    const event = await answer;
    this.#flight = null;
    this.#accept(event);
    if (event.kind !== 'plan') return;
    this.planMs.push(event.plan.evidence.totalMs);
    this.#options.onPlan?.(event.plan, ask.observedStep);
  }

  #accept(event: CoreEvent): Tick | null {
    const [state, tick] = reduce(this.#config, this.state, event);
    this.state = state;
    return tick;
  }
}

/** Ticks until the episode's budget, the first success (where asked for) or an abort. */
async function play(episode: VirtualEpisode, first: TimeStep, options: VirtualOptions) {
  const { environment, stopOnSuccess = false, signal } = options;
  let timeStep = first;
  let stepsToSuccess = first.success ? first.observation.step : null;
  episode.observe(first);
  while (timeStep.kind !== 'last' && !(stopOnSuccess && stepsToSuccess !== null)) {
    signal?.throwIfAborted();
    await episode.plan();
    if (episode.reached) break;
    timeStep = environment.step(episode.tick().sent);
    if (timeStep.success) stepsToSuccess ??= timeStep.observation.step;
    episode.observe(timeStep);
  }
  return { timeStep, stepsToSuccess };
}

/**
 * Plays one episode in virtual time, step by step. A plan asked for from observation `s` acts from `s + latency`,
 * however long it takes on the wall; with latency 0 the tick waits for it. So a seed means a result.
 * Resets the environment and the policy. Throws the policy's error after a fatal failure or ten recoverable ones in a
 * row (no number comes out of a broken policy), and the signal's reason on abort.
 */
export async function runVirtual(options: VirtualOptions): Promise<VirtualResult> {
  const { environment, policy } = options;
  const first = environment.reset(options.episode);
  const goal = options.goal ?? { kind: 'observation', value: environment.render(environment.goal()) };
  await policy.reset({ seed: options.episode.seed, goal });
  const episode = new VirtualEpisode(options);
  try {
    const { timeStep, stepsToSuccess } = await play(episode, first, options);
    return {
      success: stepsToSuccess !== null,
      stepsToSuccess,
      successAtEnd: timeStep.success,
      steps: timeStep.observation.step,
      finalDistance: timeStep.distance,
      counters: episode.state.counters,
      planMs: episode.planMs,
    };
  } finally {
    await episode.end();
  }
}

import { BehaviorSubject, map, type Observable, ReplaySubject } from 'rxjs';
import type { HoldReason, Tick } from '../control/tick.ts';
import type { Environment, EpisodeSpec, TimeStep } from '../env/environment.ts';
import { privilegedOf, type Privileged } from '../env/privileged.ts';
import type { ActionSpec } from '../spec.ts';
import type { Robot, RobotStatus } from './robot.ts';

export interface SimulatedRobotOptions {
  /** End at the first success instead of at the episode's budget. */
  readonly stopOnSuccess?: boolean;
  /** Seconds of wall time per control step, where that is to differ from the environment's own period. */
  readonly period?: number;
  /** Stands still on its brakes, and the episode with it, while a tick holds because the robot is not armed or latched. */
  readonly brakes?: boolean;
}

const braked: readonly (HoldReason | undefined)[] = ['not-armed', 'stopped', 'emergency-stop'];

/**
 * A robot that is an environment: each `send` steps it once and shows the new observation, before it returns.
 * Whoever paces `send` makes it real time. Plays one episode; the environment stays the caller's to dispose.
 */
export class SimulatedRobot implements Robot {
  readonly name: string;
  readonly actionSpec: ActionSpec;
  readonly controlPeriod: number;
  /** Time steps with distance and success, for views and reports; the latest one is given on subscription. */
  readonly timeStep$: Observable<TimeStep>;
  readonly observation$;
  readonly status$: Observable<RobotStatus>;
  readonly #environment: Environment;
  readonly #stopOnSuccess: boolean;
  readonly #timeSteps$ = new ReplaySubject<TimeStep>(1);
  readonly #statuses$: BehaviorSubject<RobotStatus>;
  readonly #brakes: boolean;
  #ended = false;
  /** Control steps that the episode stood still for. */
  #stood = 0;
  #latest: TimeStep;

  /** Resets the environment to `episode`. */
  constructor(environment: Environment, episode: EpisodeSpec, options: SimulatedRobotOptions = {}) {
    this.#environment = environment;
    this.#stopOnSuccess = options.stopOnSuccess ?? false;
    this.#brakes = options.brakes ?? false;
    this.name = environment.task;
    this.actionSpec = environment.actionSpec;
    this.controlPeriod = options.period ?? environment.controlPeriod;
    const first = environment.reset(episode);
    this.#latest = first;
    this.#statuses$ = new BehaviorSubject(statusOf(first, true));
    this.timeStep$ = this.#timeSteps$.asObservable();
    this.observation$ = this.timeStep$.pipe(map((timeStep) => timeStep.observation));
    this.status$ = this.#statuses$.asObservable();
    this.#show(first);
  }

  send(tick: Tick): void {
    if (this.#ended) return;
    if (this.#brakes && braked.includes(tick.reason)) {
      this.#stood += 1;
      this.#show(this.#latest);
    } else {
      this.#latest = this.#environment.step(tick.sent);
      this.#show(this.#latest);
    }
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#statuses$.next({ ...this.#statuses$.value, armed: false });
    this.#timeSteps$.complete();
    this.#statuses$.complete();
  }

  /** What only the simulator can tell, for privileged policies. */
  privileged(): Privileged {
    return privilegedOf(this.#environment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  /** A step of the episode as a step of the robot, which counts those that it stood still for too. */
  #show(episodeStep: TimeStep): void {
    const { observation } = episodeStep;
    const step = observation.step + this.#stood;
    const time = observation.time + this.#stood * this.#environment.controlPeriod;
    const timeStep = { ...episodeStep, observation: { ...observation, step, time } };
    this.#statuses$.next(statusOf(timeStep, true));
    this.#timeSteps$.next(timeStep);
    if (timeStep.kind === 'last' || (this.#stopOnSuccess && timeStep.success)) this.stop();
  }
}

const statusOf = ({ observation }: TimeStep, armed: boolean): RobotStatus => ({
  step: observation.step,
  link: 'up',
  armed,
  emergencyStop: false,
});

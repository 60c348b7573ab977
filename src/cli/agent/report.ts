import type { CadenceReport, Quantiles } from '../../control/cadence.ts';
import { quantilesOf } from '../../control/cadence.ts';
import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Task } from '../../env/task.ts';
import type { Plan } from '../../planning/plan.ts';
import type { JsonLines } from '../../record/json-lines.ts';
import { withUnit } from '../../record/outcome.ts';
import type { LinkCounts, RemotePlanner } from '../../robot/remote/remote-planner.ts';
import { StatusLine } from '../run/status-line.ts';
import type { AgentEnd } from './episode.ts';
import type { GuardChange, Supervisor } from './supervisor.ts';

export interface EpisodeResult {
  readonly seed: number;
  readonly success: boolean;
  /** Control steps of the robot's clock, those included for which it stood still. */
  readonly steps: number;
  readonly finalDistance: number;
  readonly stop: { readonly cause: string; readonly reason: string };
  /** The envelope when the episode ended. */
  readonly safety: GuardChange | null;
  /** Largest difference between two commands in a row, of any action, in its unit. */
  readonly largestStep: number;
  readonly cadence: CadenceReport;
}

/** What an agent's session came to. */
export interface AgentResult {
  readonly task: string;
  readonly planner: string;
  readonly episodes: readonly EpisodeResult[];
  readonly link: LinkCounts & { readonly roundTripMs: Quantiles | null };
  readonly exitCode: number;
}

/** Exit codes of an agent: a lost link, a safety stop. */
const LINK_LOST = 4;
const SAFETY_STOP = 5;

/** Follows an agent for its user: a live line, what the envelope does, and the report at the end. */
export class AgentReport {
  readonly #task: Task;
  readonly #planner: RemotePlanner;
  readonly #events: JsonLines | null;
  readonly #judged: boolean;
  readonly #episodes: EpisodeResult[] = [];
  readonly #roundTrips: number[] = [];
  #status: StatusLine;
  #supervisor: Supervisor | null = null;
  #previous: Float32Array | null = null;
  #largestStep = 0;
  #exitCode = 0;

  /** @param judged - false where the goal is a picture of the user's */
  constructor(task: Task, planner: RemotePlanner, events: JsonLines | null, judged: boolean) {
    this.#judged = judged;
    this.#task = task;
    this.#planner = planner;
    this.#events = events;
    this.#status = new StatusLine(null, task.distanceUnit);
  }

  get failed(): boolean {
    return this.#exitCode !== 0;
  }

  begin(supervisor: Supervisor): void {
    this.#supervisor = supervisor;
    this.#previous = null;
    this.#largestStep = 0;
    this.#status = new StatusLine(null, this.#judged ? this.#task.distanceUnit : null);
  }

  say(line: string): void {
    this.#status.end();
    process.stderr.write(`${line}\n`);
  }

  tick(tick: Tick): void {
    const { roundTrip } = this.#planner;
    if (roundTrip !== null) this.#roundTrips.push(1000 * roundTrip);
    const before = this.#previous;
    if (before)
      tick.sent.forEach(
        (v, i) => (this.#largestStep = Math.max(this.#largestStep, Math.abs(v - (before[i] ?? v)))),
      );
    this.#previous = tick.sent;
    this.#status.tick(tick);
  }

  plan(plan: Plan): void {
    this.#status.plan(plan);
  }

  timeStep(timeStep: TimeStep): void {
    this.#status.timeStep(timeStep);
  }

  change(change: GuardChange): void {
    this.#events?.write(change);
    this.#events?.flush();
    const { mode, reason, cause, step } = change;
    const why = cause && cause !== 'ended' ? cause : reason;
    if (cause !== 'ended') this.say(`step ${step}: ${mode}${why && why !== mode ? ` (${why})` : ''}`);
  }

  end(seed: number, { stop, cadence, success, steps, distance, last }: AgentEnd): void {
    const { cause, reason, error } = stop;
    this.#episodes.push({
      seed,
      success,
      steps,
      finalDistance: distance,
      stop: { cause, reason },
      safety: last,
      largestStep: this.#largestStep,
      cadence,
    });
    this.#exitCode = exitCodeOf(stop.cause, last, error instanceof Error);
    const lacking = this.#supervisor?.lacking ?? [];
    if (cause !== 'ended' && cause !== 'reached')
      this.say(`stopped: ${error instanceof Error ? error.message : reason}`);
    if (lacking.length > 0) this.say(`never armed: ${lacking.join('; ')}`);
    if (!this.#judged) {
      this.say(`ran ${steps} steps towards a picture, whose distance nobody can measure`);
      return;
    }
    const where = withUnit(distance, this.#task.distanceUnit);
    this.say(
      `${success ? 'reached the goal' : 'did not reach the goal'} after ${steps} steps, ${where} away`,
    );
  }

  result(): AgentResult {
    return {
      task: this.#task.name,
      planner: this.#planner.name,
      episodes: this.#episodes,
      link: { ...this.#planner.counts, roundTripMs: quantilesOf(this.#roundTrips) },
      exitCode: this.#exitCode,
    };
  }
}

function exitCodeOf(cause: string, last: GuardChange | null, thrown: boolean): number {
  const { mode, cause: latch } = last ?? {};
  if (mode === 'estop') return SAFETY_STOP;
  if (mode === 'stopped') return latch === 'link-silent' ? LINK_LOST : SAFETY_STOP;
  return cause === 'failed' && thrown ? LINK_LOST : 0;
}

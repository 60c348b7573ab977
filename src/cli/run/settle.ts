import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import type { EpisodeSpec } from '../../env/environment.ts';
import { standardTrack, type Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Json, RunMode } from '../../record/run-record.ts';
import type { PlanningSettings } from '../../planning/settings.ts';
import { defaultThreads } from '../../world-model/provider.ts';
import { checkLatency, choosePlanning, type PlanningChoice, type PlanningRequest } from '../planning.ts';
import { overridesOf, type RunOptions } from './config.ts';

/** A run with nothing left to a default. */
export interface SettledRun {
  readonly request: PlanningRequest;
  readonly choice: PlanningChoice;
  readonly mode: RunMode;
  readonly episode: EpisodeSpec;
  /** Control steps from an observation to the first action that is planned from it. */
  readonly latency: number;
  /** Control steps per second of wall time. */
  readonly rate: number;
  /** Seconds that a plan may take. */
  readonly deadline: number | undefined;
  /** What of the plans' evidence makes the run hold or end. */
  readonly vigilance: Vigilance;
  /** The effective configuration: what `config.json` holds, and what `--config` takes back. */
  readonly config: Json;
  /** As the user gave them. */
  readonly options: RunOptions;
}

/** Fills the defaults in and checks everything that can be checked before anything is opened. */
export async function settleRun(task: Task, options: RunOptions): Promise<SettledRun> {
  checkTogether(task, options);
  const mode = options.mode ?? 'realtime';
  const request = {
    planner: options.planner,
    model: options.model,
    overrides: overridesOf(options),
    provider: options.provider ?? 'auto',
    threads: options.threads ?? defaultThreads(),
    policy: options.policy,
    // What int8 gains depends on the machine; in virtual time a seed means a result.
    precision: options.precision ?? (mode === 'fast' ? 'fp32' : 'auto'),
  } satisfies PlanningRequest;
  const choice = await choosePlanning(task, request);
  const episode: EpisodeSpec = {
    seed: options.seed ?? FIRST_EVALUATION_SEED,
    track: options.track ?? standardTrack(task).name,
    variation: options.set ?? {},
  };
  // A robot's observation is a period old before a plan from it can act; virtual time may wait instead.
  const latency = options.latency ?? (mode === 'fast' || !(choice.model ?? options.policy) ? 0 : 1);
  checkLatency(choice, latency);
  const rate = options.rate ?? 1 / task.controlPeriod;
  const vigilance = vigilanceOf(choice, options);
  const { deadline } = options;
  const settled = { request, choice, mode, episode, latency, rate, deadline, vigilance, options };
  return { ...settled, config: configOf(task, settled) };
}

/** The same run with another search. */
export function withSettings(task: Task, settled: SettledRun, settings: PlanningSettings): SettledRun {
  const choice = { ...settled.choice, settings, iterations: settings.iterations };
  return { ...settled, choice, config: configOf(task, { ...settled, choice }) };
}

/** The model's calibrated limits, as far as they were asked for. A picture of the user's own has no other judge. */
function vigilanceOf({ model }: PlanningChoice, options: RunOptions): Vigilance {
  const calibration = model?.manifest.calibration;
  const missing = (flag: string, what: string): never => {
    const name = model ? `model '${model.manifest.name}'` : `a planner without a model`;
    throw new JepilotError('invalid-value', `${flag} needs a calibrated ${what}; ${name} has none`);
  };
  if (options.guard && !calibration) missing('--guard', 'surprise');
  if (options.untilReached && !calibration?.reached) missing('--until-reached', 'time to go');
  const { surprise, disagreement, reached } = calibration ?? {};
  const judge = options.untilReached ?? options.goal !== undefined;
  return {
    ...(options.guard && surprise ? { surprise: surprise.threshold } : {}),
    ...(options.guard && disagreement ? { disagreement: disagreement.threshold } : {}),
    ...(judge && reached ? { reached: { threshold: reached.threshold, dwell: reached.dwell } } : {}),
  };
}

function checkTogether(task: Task, options: RunOptions): void {
  if (options.task !== undefined && options.task !== task.name) {
    throw new JepilotError(
      'invalid-value',
      `the configuration is for task '${options.task}'; this is '${task.name}'`,
    );
  }
  if (options.mode === 'fast' && options.budget === 'auto') {
    throw new JepilotError(
      'invalid-value',
      '--budget auto goes by the clock and with --realtime, not --fast',
    );
  }
  if (options.mode === 'fast' && (options.deadline !== undefined || options.rate !== undefined)) {
    throw new JepilotError(
      'invalid-value',
      '--deadline and --rate are wall time and go with --realtime; --fast counts iterations',
    );
  }
}

function configOf(task: Task, settled: Omit<SettledRun, 'config'>): Json {
  const { choice, episode, mode, latency, rate, deadline, request, options } = settled;
  const config = {
    task: task.name,
    // A folder stays the folder that was named: its model's name may not be one that is shipped.
    model: choice.model ? (options.model ?? choice.model.manifest.name) : undefined,
    track: episode.track,
    seed: episode.seed,
    set: episode.variation,
    goal: options.goal,
    guard: options.guard,
    untilReached: options.untilReached,
    mode,
    latency,
    rate: mode === 'realtime' ? rate : undefined,
    deadline,
    provider: request.provider,
    precision: request.precision,
    threads: request.threads,
    policy: options.policy,
    planner: options.policy === undefined ? choice.planner : undefined,
    replanInterval: choice.replanInterval,
    ...choice.settings,
  };
  return JSON.parse(JSON.stringify(config)) as Json; // without the keys that are undefined
}

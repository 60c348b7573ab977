import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, EpisodeSpec } from '../../env/environment.ts';
import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { Observation } from '../../env/observation.ts';
import { standardTrack, type Task } from '../../env/task.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import type { PlanningOverrides } from '../../planning/settings.ts';
import { renderGif } from '../../record/gif.ts';
import { decodePng } from '../../record/png.ts';
import { RunFolder, runId, writeWhole } from '../../record/run-folder.ts';
import type { Json, RunRecord } from '../../record/run-record.ts';
import { completeRun } from '../../record/summary.ts';
import { defaultThreads } from '../../world-model/provider.ts';
import {
  checkLatency,
  choosePlanning,
  openInWorker,
  outsideCoverage,
  type PlanningChoice,
} from '../planning.ts';
import { version } from '../version.ts';
import type { RunOptions } from './config.ts';
import { playFast, playRealtime, type Played } from './play.ts';
import { RunRecorder } from './recorder.ts';
import { StatusLine } from './status-line.ts';
import { warmUp } from './warm-up.ts';

/** What only the caller of a run knows. */
export interface RunCall {
  readonly options: RunOptions;
  /** Folder for what the run leaves; `runs/<id>` by default. */
  readonly out: string | undefined;
  readonly gif: string | undefined;
  readonly command: string;
  /** ISO 8601 time. */
  readonly started: string;
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  readonly folder: string;
  readonly record: RunRecord;
}

/** Everything settled: no value is left to a default. */
type Settled = ReturnType<typeof settle>;

/** Plays one episode of a task and leaves a folder that shows it. */
export async function runTask(task: Task, call: RunCall): Promise<RunOutcome> {
  const { options } = call;
  if (options.task !== undefined && options.task !== task.name) {
    throw new JepilotError(
      'invalid-value',
      `the configuration is for task '${options.task}'; this is '${task.name}'`,
    );
  }
  const request = {
    planner: options.planner,
    model: options.model,
    overrides: overridesOf(options),
    provider: options.provider ?? 'auto',
    threads: options.threads ?? defaultThreads(),
  };
  const choice = await choosePlanning(task, request);
  const settled = settle(task, options, choice);
  checkLatency(choice, settled.latency);
  using environment = await mujocoEnvironment(task);
  environment.reset(settled.episode);
  const goal = goalOf(environment, options.goal);
  warn(choice, environment);
  const id = runId(call.started, task.name, settled.episode.seed);
  using folder = new RunFolder(call.out ?? join('runs', id), configOf(task, choice, settled, options));
  if (settled.mode === 'realtime') warmUp(environment, settled.episode);
  await using planning = await openInWorker(task, request, choice);
  const recorder = new RunRecorder(
    folder,
    task.cameras[0]!.name,
    settled.latency,
    options.goal === undefined,
  );
  const status = new StatusLine(environment.budget, options.goal === undefined ? task.distanceUnit : null);
  const play = settled.mode === 'fast' ? playFast : playRealtime;
  const played = await play({
    ...settled,
    environment,
    policy: planning.policy,
    goal: { kind: 'observation', value: goal },
    replanInterval: choice.replanInterval,
    iterations: choice.iterations,
    stopOnSuccess: options.goal === undefined,
    signal: call.signal,
    watch: [status, recorder],
  });
  status.end();
  const record = completeRun(
    recorder.trace({
      ...aboutTask(task, settled),
      ...aboutPlanning(choice),
      ...playedOf(played),
      config: configOf(task, choice, settled, options),
      command: call.command,
      goal: goal.images[task.cameras[0]!.name]!,
      provider: planning.provider,
      version,
      started: call.started,
    }),
  );
  folder.finish(record);
  if (call.gif !== undefined) writeWhole(call.gif, renderGif(record));
  return { folder: folder.path, record };
}

function settle(task: Task, options: RunOptions, choice: PlanningChoice) {
  const mode = options.mode ?? 'realtime';
  const episode: EpisodeSpec = {
    seed: options.seed ?? FIRST_EVALUATION_SEED,
    track: options.track ?? standardTrack(task).name,
    variation: options.set ?? {},
  };
  // A robot's observation is a period old before a plan from it can act; virtual time may wait instead.
  const latency = options.latency ?? (mode === 'fast' || !choice.model ? 0 : 1);
  if (mode === 'fast' && (options.deadline !== undefined || options.rate !== undefined)) {
    throw new JepilotError(
      'invalid-value',
      '--deadline and --rate are wall time and go with --realtime; --fast counts iterations',
    );
  }
  return {
    mode,
    episode,
    latency,
    rate: options.rate ?? 1 / task.controlPeriod,
    deadline: options.deadline,
  } as const;
}

function overridesOf({
  horizon,
  samples,
  elites,
  iterations,
  replanInterval,
  objective,
}: RunOptions): PlanningOverrides {
  const all = { horizon, samples, elites, iterations, replanInterval, objective };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The picture to be reached: the episode's own, or a PNG of the user's. */
function goalOf(environment: Environment, file: string | undefined): Observation {
  const own = environment.render(environment.goal());
  const [camera] = environment.cameras;
  if (file === undefined || !camera) return own;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read the goal picture ${file}: ${reasonOf(cause)}`, { cause });
  }
  // A picture says nothing of the robot's own sensors.
  return {
    ...own,
    images: { [camera.name]: decodePng(bytes, camera, file) },
    state: own.state.map(() => NaN),
  };
}

function warn({ model }: PlanningChoice, environment: Environment): void {
  const outside = model ? outsideCoverage(model.manifest, environment.variation) : [];
  if (outside.length > 0)
    process.stderr.write(`note: outside the model's training data: ${outside.join(', ')}\n`);
}

const aboutTask = (task: Task, { episode, mode, deadline }: Settled) => ({
  task: task.name,
  about: task.about,
  seed: episode.seed,
  track: episode.track,
  mode,
  controlPeriod: task.controlPeriod,
  actionNames: task.actionSpec.names,
  distanceUnit: task.distanceUnit,
  deadlineMs: deadline === undefined ? null : 1000 * deadline,
});

const aboutPlanning = (choice: PlanningChoice) => ({
  modelName: choice.model?.manifest.name ?? null,
  plannerName: choice.planner,
  actionRepeat: choice.model?.manifest.action.repeat ?? 1,
});

const playedOf = ({ cadence, stopped }: Played) => ({
  cadence,
  ...(stopped === undefined ? {} : { stopped }),
});

/** The effective configuration: what `config.json` holds, and what `--config` takes back. */
function configOf(task: Task, choice: PlanningChoice, settled: Settled, options: RunOptions): Json {
  const { episode, mode, latency, rate, deadline } = settled;
  return JSON.parse(
    JSON.stringify({
      task: task.name,
      model: choice.model?.manifest.name,
      track: episode.track,
      seed: episode.seed,
      set: episode.variation,
      goal: options.goal,
      mode,
      latency,
      rate: mode === 'realtime' ? rate : undefined,
      deadline,
      provider: options.provider ?? 'auto',
      threads: options.threads ?? defaultThreads(),
      planner: choice.planner,
      replanInterval: choice.replanInterval,
      ...choice.settings,
    }),
  ) as Json;
}

import { join } from 'node:path';
import type { Environment, Snapshot } from '../../env/environment.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { Observation } from '../../env/observation.ts';
import type { Task, Variation } from '../../env/task.ts';
import { renderGif } from '../../record/gif.ts';
import { RunFolder, runId, writeWhole } from '../../record/run-folder.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { completeRun } from '../../record/summary.ts';
import { openInWorker, outsideCoverage, type OpenPlanning, type PlanningChoice } from '../planning.ts';
import { version } from '../version.ts';
import type { RunOptions } from './config.ts';
import { fitRun } from './fit.ts';
import { goalOf } from './goal.ts';
import { playFast, playRealtime } from './play.ts';
import { factsOfRun } from './facts.ts';
import { RunMemory } from './memory.ts';
import { RunRecording } from './recording.ts';
import { settleRun, type SettledRun } from './settle.ts';
import { StatusLine } from './status-line.ts';
import { warmUp } from './warm-up.ts';

/** What only the caller of a run knows. */
export interface RunCall {
  readonly options: RunOptions;
  /** Folder for what the run leaves; `runs/<id>` by default. */
  readonly out: string | undefined;
  readonly gif: string | undefined;
  /** File to record to; false for none, undefined for the one in the folder. */
  readonly record: string | false | undefined;
  readonly command: string;
  /** ISO 8601 time. */
  readonly started: string;
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  readonly folder: string;
  readonly record: RunRecord;
}

/** Plays one episode of a task and leaves a folder that shows it. */
export async function runTask(task: Task, call: RunCall): Promise<RunOutcome> {
  const asked = await settleRun(task, call.options);
  const settled = call.options.budget === 'auto' ? await fitRun(task, asked) : asked;
  using environment = await mujocoEnvironment(task);
  environment.reset(settled.episode);
  const start = environment.snapshot();
  const goal = goalOf(environment, call.options.goal);
  warn(settled.choice, environment);
  const id = runId(call.started, task.name, settled.episode.seed);
  const folder = new RunFolder(call.out ?? join('runs', id), settled.config);
  if (settled.mode === 'realtime') warmUp(environment, settled.episode);
  await using planning = await openInWorker(task, settled.request, settled.choice);
  await using recording = await openRecording(task, call, settled, {
    start,
    variation: environment.variation,
    folder,
    planning,
  });
  const record = await play({ task, call, settled, environment, goal, planning, recording });
  await recording?.finish(record.result, record.stopped);
  folder.finish(record);
  if (call.gif !== undefined) writeWhole(call.gif, renderGif(record));
  return { folder: folder.path, record };
}

/** Everything that is open while the episode is played. */
interface Stage {
  readonly task: Task;
  readonly call: RunCall;
  readonly settled: SettledRun;
  readonly environment: Environment;
  readonly goal: Observation;
  readonly planning: OpenPlanning;
  readonly recording: RunRecording | null;
}

interface Opened {
  readonly start: Snapshot;
  readonly variation: Variation;
  readonly folder: RunFolder;
  readonly planning: OpenPlanning;
}

async function openRecording(
  task: Task,
  { options, command, record }: RunCall,
  settled: SettledRun,
  { start, variation, folder, planning }: Opened,
): Promise<RunRecording | null> {
  if (record === false) return null;
  const provider = planning.provider?.used ?? null;
  const started = new Date().toISOString();
  const facts = factsOfRun(task, settled, { options, command, started, provider, start, variation });
  return RunRecording.open(record ?? folder.recording, facts);
}

async function play({
  task,
  call,
  settled,
  environment,
  goal,
  planning,
  recording,
}: Stage): Promise<RunRecord> {
  const camera = task.cameras[0]!.name;
  const judged = call.options.goal === undefined;
  const memory = new RunMemory(camera, judged);
  recording?.goal(goal);
  const alarming = settled.choice.model?.manifest.calibration?.surprise.threshold;
  const status = new StatusLine(environment.budget, judged ? task.distanceUnit : null, alarming);
  const { cadence, stopped } = await (settled.mode === 'fast' ? playFast : playRealtime)({
    ...settled,
    environment,
    policy: planning.policy,
    goal: { kind: 'observation', value: goal },
    replanInterval: settled.choice.replanInterval,
    iterations: settled.choice.iterations,
    stopOnSuccess: judged,
    signal: call.signal,
    watch: recording ? [status, memory, recording] : [status, memory],
  });
  status.end();
  return completeRun(
    memory.trace({
      ...about(task, settled),
      cadence,
      ...(stopped === undefined ? {} : { stopped }),
      command: call.command,
      goal: goal.images[camera]!,
      provider: planning.provider,
      version,
      started: call.started,
    }),
  );
}

function warn({ model }: PlanningChoice, environment: Environment): void {
  const outside = model ? outsideCoverage(model.manifest, environment.variation) : [];
  if (outside.length > 0)
    process.stderr.write(`note: outside the model's training data: ${outside.join(', ')}\n`);
}

/** What the report says of the task and of who plans. */
const about = (task: Task, { choice, config, episode, mode, deadline }: SettledRun) => ({
  config,
  task: task.name,
  about: task.about,
  seed: episode.seed,
  track: episode.track,
  mode,
  controlPeriod: task.controlPeriod,
  actionNames: task.actionSpec.names,
  distanceUnit: task.distanceUnit,
  deadlineMs: deadline === undefined ? null : 1000 * deadline,
  modelName: choice.model?.manifest.name ?? null,
  plannerName: choice.planner,
  actionRepeat: choice.model?.manifest.action.repeat ?? 1,
});

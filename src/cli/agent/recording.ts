import { join } from 'node:path';
import type { Environment, EpisodeSpec } from '../../env/environment.ts';
import type { Task } from '../../env/task.ts';
import { makeFolder } from '../../make-folder.ts';
import type { RunFacts } from '../../record/about.ts';
import { runId } from '../../record/run-folder.ts';
import type { RemotePlanner } from '../../robot/remote/remote-planner.ts';
import { machine } from '../run/facts.ts';
import { RunRecording } from '../run/recording.ts';
import { version } from '../version.ts';
import type { AgentOptions } from './agent.ts';

/** An episode of an agent that is to be recorded. */
export interface RecordedEpisode {
  readonly task: Task;
  readonly environment: Environment;
  readonly episode: EpisodeSpec;
  readonly planner: RemotePlanner;
  readonly rate: number;
  readonly command: string;
}

/** Begins a recording of the episode that was reset just now in the folder of `--record`; null where none is wanted. */
export async function recordEpisode(
  about: RecordedEpisode,
  options: AgentOptions,
): Promise<RunRecording | null> {
  if (options.record === undefined) return null;
  makeFolder(options.record);
  const started = new Date().toISOString();
  const { task, episode } = about;
  const path = join(options.record, `${runId(started, task.name, episode.seed)}.mcap`);
  return RunRecording.open(path, factsOf(about, options, started));
}

/** What the robot end knows: the model is the server's affair. */
function factsOf(
  { task, environment, episode, planner, rate, command }: RecordedEpisode,
  options: AgentOptions,
  started: string,
): RunFacts {
  const { names, minimum, maximum, mode } = task.actionSpec;
  const { physics, step, met } = environment.snapshot();
  return {
    ...{ format: '1', version, command, task: task.name, planner: planner.name },
    ...{ settings: null, model: null, provider: '', mode: 'realtime', clock: 'monotonic' },
    replanInterval: options.settings.replanInterval ?? planner.replanInterval,
    iterations: options.settings.iterations ?? planner.iterations,
    ...{ latency: options.latency, controlPeriod: task.controlPeriod, rate },
    episode: { seed: episode.seed, track: episode.track, variation: { ...episode.variation } },
    variation: { ...environment.variation },
    brakes: true,
    start: { physics: Array.from(physics), step, met },
    goal: options.goals.length === 0 ? 'episode' : 'picture',
    action: { names: [...names], minimum: [...minimum], maximum: [...maximum], mode },
    stateNames: [...task.stateNames],
    cameras: task.cameras.map(({ name, width, height }) => ({ name, width, height })),
    distanceUnit: task.distanceUnit,
    config: { server: options.server, robot: options.robot },
    machine: machine(),
    started,
  };
}

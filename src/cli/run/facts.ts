import { arch, cpus, platform } from 'node:os';
import type { Snapshot } from '../../env/environment.ts';
import type { Task, Variation } from '../../env/task.ts';
import { modelHash, type RunFacts } from '../../record/about.ts';
import type { PlanningChoice } from '../planning.ts';
import { version } from '../version.ts';
import type { RunOptions } from './config.ts';
import type { SettledRun } from './settle.ts';

/** What only the running process knows of a run. */
export interface FactsOfCall {
  readonly options: RunOptions;
  readonly command: string;
  /** ISO 8601 time of the recording's second 0. */
  readonly started: string;
  readonly provider: string | null;
  /** The simulator at the first observation. */
  readonly start: Snapshot;
  readonly variation: Variation;
}

/** The metadata record `run` of a simulated run. */
export function factsOfRun(task: Task, settled: SettledRun, call: FactsOfCall): RunFacts {
  const { choice, mode, latency, rate, episode } = settled;
  const { names, minimum, maximum, mode: actionMode } = task.actionSpec;
  const { physics, step, met } = call.start;
  return {
    format: '1',
    version,
    command: call.command,
    task: task.name,
    planner: choice.planner,
    settings: choice.settings === null ? null : { ...choice.settings },
    replanInterval: choice.replanInterval,
    iterations: choice.iterations,
    model: modelFacts(choice, call.options),
    mode,
    latency,
    controlPeriod: task.controlPeriod,
    rate,
    episode: { seed: episode.seed, track: episode.track, variation: { ...episode.variation } },
    variation: { ...call.variation },
    start: { physics: Array.from(physics), step, met },
    goal: call.options.goal === undefined ? 'episode' : 'picture',
    action: { names: [...names], minimum: [...minimum], maximum: [...maximum], mode: actionMode },
    stateNames: [...task.stateNames],
    cameras: task.cameras.map(({ name, width, height }) => ({ name, width, height })),
    distanceUnit: task.distanceUnit,
    provider: call.provider ?? '',
    config: settled.config as Record<string, unknown>,
    machine: machine(),
    started: call.started,
    clock: mode === 'fast' ? 'virtual' : 'monotonic',
  };
}

/** The model of a choice, as recordings name it. */
export function modelFacts(
  { model }: PlanningChoice,
  options: { readonly model?: string | undefined },
): RunFacts['model'] {
  if (!model) return null;
  const { name } = model.manifest;
  return { name, source: options.model ?? name, sha256: modelHash(model.manifest) };
}

/** This machine, as recordings name it. */
export const machine = (): RunFacts['machine'] => ({
  platform: platform(),
  arch: arch(),
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
});

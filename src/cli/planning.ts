import type { Task, Variation } from '../env/task.ts';
import { isCovered } from '../env/variation.ts';
import { JepilotError } from '../errors.ts';
import { openEngine } from '../planning/engine.ts';
import { openPolicy } from '../planning/open-policy.ts';
import type { Policy } from '../planning/policy.ts';
import { rehearse } from '../planning/rehearse.ts';
import { planningSettings, type PlanningOverrides, type PlanningSettings } from '../planning/settings.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import { readManifest } from '../world-model/model-files.ts';
import { loadWorldModel } from '../world-model/onnx-world-model.ts';
import type { PrecisionPreference } from '../world-model/precision.ts';
import type { ProviderPreference } from '../world-model/provider.ts';
import type { ProviderReport } from '../world-model/world-model.ts';
import { Worker } from 'node:worker_threads';
import { modelFolder } from './models.ts';
import { findModelPolicy, loadPlanner, modelFreePolicy, type ModelFree } from './planners.ts';
import { checkRemote, chooseRemote, openRemote } from './remote.ts';
import { workerEntry } from './workers/entry.ts';

/** Control steps between plans of a policy that brings no settings of its own. */
const DEFAULT_INTERVAL = 5;

/** Who plans, as a user says it; a plain value that crosses threads. */
export interface PlanningRequest {
  /** A planner or policy; the model's own planner by default. */
  readonly planner: string | undefined;
  /** A model's name or folder; the task's own by default. */
  readonly model: string | undefined;
  readonly overrides: PlanningOverrides;
  readonly provider: ProviderPreference;
  readonly threads: number;
  /** Arithmetic of the search; `fp32` where it is left out. */
  readonly precision?: PrecisionPreference;
  /** Address of an openpi server that plans instead. */
  readonly policy?: string | undefined;
}

/** Who plans, settled: what names a result. */
export interface PlanningChoice {
  readonly planner: string;
  /** Folder and manifest of the model; null for a policy that needs none. */
  readonly model: { readonly folder: string; readonly manifest: ModelManifest } | null;
  readonly settings: PlanningSettings | null;
  readonly replanInterval: number;
  readonly iterations: number;
}

export interface OpenPlanning extends AsyncDisposable {
  readonly policy: Policy;
  readonly provider: ProviderReport | null;
}

/** What of a task, or of a robot that is none, a planner has to fit. */
export type Planned = Pick<Task, 'name' | 'actionSpec' | 'cameras'>;

/** Settles planner, model and settings, and checks that they fit the task. Opens nothing. */
export async function choosePlanning(task: Planned, request: PlanningRequest): Promise<PlanningChoice> {
  const { policy } = request;
  if (policy !== undefined) {
    checkRemote(policy, request.planner, request.model);
    return chooseRemote(policy, request.overrides);
  }
  const modelFree = request.planner === undefined ? undefined : modelFreePolicy(request.planner);
  if (modelFree) return withoutModel(modelFree, request.overrides);
  const folder = await modelFolder(task.name, request.model);
  const manifest = await readManifest(folder);
  checkFits(task, manifest);
  const settings = planningSettings(manifest, overridesOf(request, manifest));
  const { planner, replanInterval, iterations } = settings;
  return { planner, model: { folder, manifest }, settings, replanInterval, iterations };
}

function withoutModel({ sees, kind }: ModelFree, overrides: PlanningOverrides): PlanningChoice {
  const usual = sees === 'simulator' ? kind : { replanInterval: DEFAULT_INTERVAL, iterations: 1 };
  return {
    planner: kind.name,
    model: null,
    settings: null,
    replanInterval: overrides.replanInterval ?? usual.replanInterval,
    iterations: (sees === 'simulator' ? overrides.iterations : undefined) ?? usual.iterations,
  };
}

/** Fewer samples than the model's elites would be a contradiction that nobody asked for, so elites shrink along. */
function overridesOf(
  { planner, overrides }: PlanningRequest,
  { planning }: ModelManifest,
): PlanningOverrides {
  const named = planner === undefined ? overrides : { ...overrides, planner };
  const { samples, elites } = named;
  if (samples === undefined || elites !== undefined || samples >= planning.elites) return named;
  return { ...named, elites: Math.max(1, Math.floor(samples / 4)) };
}

function checkFits(task: Planned, manifest: ModelManifest): void {
  const { name, action } = manifest;
  if (manifest.task !== task.name) {
    throw new JepilotError(
      'bad-model',
      `model '${name}' is for task '${manifest.task}'; this is task '${task.name}'`,
    );
  }
  if (action.dim !== task.actionSpec.dim) {
    throw new JepilotError(
      'bad-model',
      `model '${name}' has ${action.dim} actions; task '${task.name}' has ${task.actionSpec.dim}`,
    );
  }
  for (const wanted of manifest.cameras) {
    const found = task.cameras.find((camera) => camera.name === wanted.name);
    if (found?.width === wanted.width && found.height === wanted.height) continue;
    const size = found ? `${found.width}×${found.height}` : 'no such camera';
    throw new JepilotError(
      'bad-model',
      `model '${name}' needs camera '${wanted.name}' of ${wanted.width}×${wanted.height}; task '${task.name}' has ${size}`,
    );
  }
}

/** Throws where a plan would have to begin so late that its horizon leaves less than one model step to choose. */
export function checkLatency({ model, settings }: PlanningChoice, latency: number): void {
  if (!model || !settings) return;
  const { repeat } = model.manifest.action;
  const limit = (settings.horizon - 1) * repeat;
  if (latency <= limit) return;
  throw new JepilotError(
    'out-of-range',
    `latency is ${latency} control steps; a horizon of ${settings.horizon} model steps of ${repeat} takes at most ${limit}: lengthen --horizon`,
  );
}

/** Factors that lie outside what the model's training data covers, in words; empty if none. */
export function outsideCoverage(manifest: ModelManifest, variation: Variation): string[] {
  return Object.entries(variation).flatMap(([factor, value]) => {
    const covered = manifest.coverage[factor];
    if (!covered || isCovered(covered, value)) return [];
    return [`${factor}=${value} (trained on ${describeRanges(covered)})`];
  });
}

/** [0, 1, 2, 2] → '0 to 1, 2'. */
const describeRanges = (ranges: readonly number[]): string =>
  ranges
    .flatMap((low, i) =>
      i % 2 === 0 ? [low === ranges[i + 1] ? `${low}` : `${low} to ${ranges[i + 1]}`] : [],
    )
    .join(', ');

/** Opens the policy with its model in a worker of its own, so that the caller's thread never blocks. */
export async function openInWorker(
  task: Task,
  request: PlanningRequest,
  choice: PlanningChoice,
): Promise<OpenPlanning> {
  return choice.model ? openModelInWorker(task, request, choice) : openModelFree(task, request, choice);
}

/** The same for a policy that needs a model, and so needs no task. */
export async function openModelInWorker(
  { actionSpec }: Pick<Task, 'actionSpec'>,
  { provider, threads, precision }: PlanningRequest,
  { planner, settings, model, iterations }: PlanningChoice,
): Promise<OpenPlanning> {
  if (!model || !settings) throw new JepilotError('bad-state', `policy '${planner}' has no model to open`);
  const engine = await openEngine(() => new Worker(workerEntry('engine'), { execArgv: [] }), {
    model: model.folder,
    provider,
    threads,
    ...(precision && { precision }),
  });
  try {
    const policy = await engine.policy({ planner, settings, mode: actionSpec.mode });
    await rehearse(policy, engine.manifest, iterations);
    return { policy, provider: engine.provider, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the policy in this thread, which blocks while it plans: for workers that do nothing else. */
export async function openHere(
  task: Task,
  request: PlanningRequest,
  choice: PlanningChoice,
): Promise<OpenPlanning> {
  if (!choice.model || !choice.settings) return openModelFree(task, request, choice);
  const { settings } = choice;
  const model = await loadWorldModel(choice.model.folder, {
    provider: request.provider,
    threads: request.threads,
    ...(request.precision && { precision: request.precision }),
  });
  try {
    const now = () => performance.now() / 1000;
    const setting = { model, settings, now, mode: task.actionSpec.mode };
    const policy = await openPolicy(choice.planner, setting, { findPlanner: loadPlanner, findModelPolicy });
    await rehearse(policy, model.manifest, settings.iterations);
    return { policy, provider: model.provider, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]() };
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
}

async function openModelFree(
  task: Task,
  { overrides, policy: address }: PlanningRequest,
  { planner, replanInterval }: PlanningChoice,
): Promise<OpenPlanning> {
  if (address !== undefined) return openRemote(task, address, overrides);
  const found = modelFreePolicy(planner)!;
  const setting = { actionSpec: task.actionSpec, rows: 2 * replanInterval };
  const policy =
    found.sees === 'robot' ? found.kind.create(setting) : found.kind.create({ ...setting, task, overrides });
  return { policy, provider: null, [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose]() };
}

import type { Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import { PlanningOverrides } from '../../planning/settings.ts';
import type { Recording } from '../../record/recording.ts';
import { replan, type ReplanResult } from '../../replay/replan.ts';
import { defaultThreads, type ProviderPreference } from '../../world-model/provider.ts';
import { choosePlanning, openInWorker } from '../planning.ts';
import { progress } from '../progress.ts';

/** Who is to plan again; what is not given is as recorded. */
export interface ReplanFlags {
  readonly planner: string | undefined;
  readonly model: string | undefined;
  readonly overrides: PlanningOverrides;
  readonly provider: ProviderPreference;
}

/** Plans again from a recording with each of the planners (comma-separated), or with the recorded one. */
export async function replanEach(
  task: Task,
  recording: Recording,
  flags: ReplanFlags,
): Promise<ReplanResult[]> {
  const names = flags.planner?.split(',').map((name) => name.trim()) ?? [recording.run.planner];
  const results: ReplanResult[] = [];
  for (const name of names) results.push(await replanWith(name, task, recording, flags));
  return results;
}

async function replanWith(
  planner: string,
  task: Task,
  recording: Recording,
  { model, overrides, provider }: ReplanFlags,
): Promise<ReplanResult> {
  const asRecorded = planner === recording.run.planner;
  const request = {
    planner,
    model: model ?? recording.run.model?.source,
    overrides: asRecorded ? { ...recordedSettings(recording), ...overrides } : overrides,
    provider,
    threads: defaultThreads(),
  };
  const choice = await choosePlanning(task, request);
  await using planning = await openInWorker(task, request, choice);
  const bar = progress(`replan ${planner}`, recording.plans.length, 'plans');
  const result = await replan(recording, {
    policy: planning.policy,
    planner,
    iterations: asRecorded && overrides.iterations === undefined ? null : choice.iterations,
    onPlan: () => bar.advance(),
  });
  bar.stop();
  return result;
}

/** The search as it was set. The seed and the model's own defaults give the rest. */
function recordedSettings({ run, path }: Recording): PlanningOverrides {
  if (run.settings === null) return {};
  const known = Object.keys(PlanningOverrides.shape);
  const kept = Object.fromEntries(Object.entries(run.settings).filter(([key]) => known.includes(key)));
  const parsed = PlanningOverrides.safeParse(kept);
  if (parsed.success) return parsed.data;
  throw new JepilotError(
    'bad-file',
    `${path}: metadata 'run', key 'settings': ${parsed.error.issues[0]?.message ?? ''}`,
  );
}

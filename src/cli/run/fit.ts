import { quantilesOf } from '../../control/cadence.ts';
import type { Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import { fitBudget } from '../../planning/fit-budget.ts';
import { timedPlans } from '../../planning/rehearse.ts';
import { openInWorker } from '../planning.ts';
import { withSettings, type SettledRun } from './settle.ts';

/** Plans that are timed; the slower ones count. */
const PLANS = 20;

/** A run whose search takes as much of the time between two plans as this machine allows: measured, then fitted. */
export async function fitRun(task: Task, settled: SettledRun): Promise<SettledRun> {
  const { choice, request, rate, deadline } = settled;
  if (!choice.model || !choice.settings) {
    throw new JepilotError('invalid-value', `--budget auto fits a search; '${choice.planner}' has none`);
  }
  await using planning = await openInWorker(task, request, choice);
  const plans = await timedPlans(planning.policy, choice.model.manifest, choice.iterations, PLANS);
  const [search, total] = [plans.map((p) => p.searchMs), plans.map((p) => p.totalMs)].map(
    (times) => (quantilesOf(times)?.p95 ?? 0) / 1000,
  );
  const time = { search: search!, fixed: total! - search! };
  const available = deadline ?? choice.replanInterval / rate;
  return withSettings(task, settled, fitBudget(choice.settings, time, available));
}

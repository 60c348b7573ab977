import { JepilotError, reasonOf } from '../errors.ts';
import { halved } from './half.ts';
import type { ExportedGraph } from './onnx-inline.ts';
import {
  reducedOf,
  shortcoming,
  unfit,
  type PrecisionName,
  type PrecisionPreference,
  type PrecisionReport,
  type RankingCheck,
} from './precision.ts';
import type { ProviderName } from './onnx-session.ts';
import { PER_JOB } from './precision-probe.ts';
import type { Seconds } from './provider-rate.ts';
import { quantized } from './quantize.ts';
import { compareRankings } from './ranking.ts';
import { SHARE } from './refine.ts';
import type { Parts, Rollout, RolloutInput } from './rollout.ts';
import type { RolloutGraphs } from './unroll.ts';

/** A rollout that owns what it runs on. */
export interface OwnedRollout extends AsyncDisposable {
  readonly run: Rollout;
}

/** What the choice between float32 and less is made from. */
export interface Contest {
  readonly model: string;
  readonly preference: PrecisionPreference;
  readonly provider: ProviderName;
  readonly exact: Rollout;
  readonly graphs: RolloutGraphs;
  readonly parts: Parts;
  readonly probe: () => Promise<RolloutInput>;
  /** Composes and loads a rollout of these graphs. */
  readonly open: (graphs: RolloutGraphs) => Promise<OwnedRollout>;
  readonly seconds: Seconds;
}

/** The graphs of a rollout with their large products in less than 32 bits. */
export function reducedGraphs(graphs: RolloutGraphs, precision: 'int8' | 'fp16'): RolloutGraphs {
  const reduce = precision === 'int8' ? quantized : halved;
  const part = (graph: ExportedGraph | null): ExportedGraph | null => graph && reduce(graph);
  return {
    step: reduce(graphs.step),
    action: part(graphs.action),
    window: part(graphs.window),
    metric: part(graphs.metric),
    metricGoal: part(graphs.metricGoal),
    ensemble: part(graphs.ensemble),
  };
}

const exactly: PrecisionReport = { used: 'fp32', check: null, rejected: [] };

/**
 * The rollout in reduced precision, if it was asked for or may be chosen, and does what float32 does; else null, and the
 * report says why. A refusal of a precision that the user named is `bad-model`, of one that can't run here `provider`.
 */
export async function reduceRollout(
  contest: Contest,
): Promise<{ readonly reduced: OwnedRollout | null; readonly report: PrecisionReport }> {
  const { preference, provider } = contest;
  if (preference === 'fp32') return { reduced: null, report: exactly };
  const precision = preference === 'auto' ? reducedOf(provider) : preference;
  const misfit = unfit(precision, provider);
  if (misfit !== null) throw new JepilotError('provider', `precision '${precision}': ${misfit}`);
  const { reduced, check, reason } = await attempt(contest, precision);
  if (reason === null) return { reduced, report: { used: precision, check, rejected: [] } };
  if (preference !== 'auto') throw refused(contest.model, precision, reason);
  return { reduced: null, report: { ...exactly, rejected: [{ name: precision, reason }] } };
}

export const refused = (model: string, precision: PrecisionName, reason: string): JepilotError =>
  new JepilotError(
    'bad-model',
    `model '${model}' can't plan in ${precision}: ${reason}; take --precision fp32 or auto`,
  );

async function attempt(contest: Contest, precision: 'int8' | 'fp16') {
  let reduced: OwnedRollout | null = null;
  try {
    reduced = await contest.open(reducedGraphs(contest.graphs, precision));
    const check = await compare(contest, reduced.run);
    const reason = shortcoming(check, contest.preference !== 'auto');
    if (reason === null) return { reduced, check, reason };
    await reduced[Symbol.asyncDispose]();
    return { reduced: null, check, reason };
  } catch (error) {
    await reduced?.[Symbol.asyncDispose]();
    return { reduced: null, check: null, reason: reasonOf(error) };
  }
}

/** Runs of each that are timed, by turns, and seconds after which no more are; the fastest counts. */
const TIMES = 8;
const PATIENCE = 0.5;

/** Compares rankings and times; the best candidates of the reduced rollout are scored again, which takes its share. */
async function compare({ exact, probe, parts, seconds }: Contest, reduced: Rollout): Promise<RankingCheck> {
  const input = await probe();
  const clocked = async (rollout: Rollout): Promise<number> => {
    const began = seconds();
    await rollout(input);
    return seconds() - began;
  };
  const alike = compareRankings(await exact(input), await reduced(input), parts, PER_JOB);
  let [slow, fast] = [Infinity, Infinity];
  const began = seconds();
  for (let i = 0; i < TIMES && (i === 0 || seconds() - began < PATIENCE); i++) {
    slow = Math.min(slow, await clocked(exact));
    fast = Math.min(fast, await clocked(reduced));
  }
  return { ...alike, speedup: slow / (fast + slow / SHARE) };
}

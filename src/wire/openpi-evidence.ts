import { z } from 'zod';
import { noEvidence, type PlanEvidence } from '../planning/plan.ts';
import type { WireMap } from './msgpack.ts';

const number = z.number().nullable();

/** What a server of ours tells of a plan beside its actions. Plain lists: `ActionChunkBroker` slices every ndarray. */
const PlanNote = z.strictObject({
  id: z.int(),
  reached: z.boolean().nullable(),
  queue_ms: z.number(),
  costs: z.array(z.number()),
  elite_spread: number,
  time_to_go: number,
  imagined_time_to_go: z.array(z.number()),
  surprise: number,
  disagreement: number,
  evaluations: z.number(),
  iterations: z.number(),
  cut: z.boolean(),
  encode_ms: z.number(),
  search_ms: z.number(),
  total_ms: z.number(),
});

export function planNote(
  id: number,
  evidence: PlanEvidence,
  queueMs: number,
  reached: boolean | null,
): WireMap {
  return {
    id,
    reached,
    queue_ms: queueMs,
    costs: evidence.costs,
    elite_spread: evidence.eliteSpread,
    time_to_go: evidence.timeToGo,
    imagined_time_to_go: evidence.imaginedTimeToGo,
    surprise: evidence.surprise,
    disagreement: evidence.disagreement,
    evaluations: evidence.evaluations,
    iterations: evidence.iterations,
    cut: evidence.cut,
    encode_ms: evidence.encodeMs,
    search_ms: evidence.searchMs,
    total_ms: evidence.totalMs,
  };
}

/** The evidence in a server's note; of somebody else's server nothing is known but how long it took. */
export function evidenceOf(note: unknown, totalMs: number): PlanEvidence {
  const parsed = PlanNote.safeParse(note);
  if (!parsed.success) return { ...noEvidence, totalMs };
  const { data } = parsed;
  return {
    costs: data.costs,
    eliteSpread: data.elite_spread,
    timeToGo: data.time_to_go,
    imaginedTimeToGo: data.imagined_time_to_go,
    surprise: data.surprise,
    disagreement: data.disagreement,
    evaluations: data.evaluations,
    iterations: data.iterations,
    cut: data.cut,
    encodeMs: data.encode_ms,
    searchMs: data.search_ms,
    totalMs,
  };
}

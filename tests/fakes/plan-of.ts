import type { Plan, PlanEvidence } from '../../src/planning/plan.ts';
import { tensor } from '../../src/tensor.ts';

export const noEvidence: PlanEvidence = {
  costs: [],
  eliteSpread: null,
  timeToGo: null,
  imaginedTimeToGo: [],
  surprise: null,
  evaluations: 0,
  iterations: 1,
  cut: false,
  encodeMs: 0,
  searchMs: 0,
  totalMs: 1,
};

/** A plan of one-dimensional rows. */
export const planOf = (id: number, startStep: number, rows: readonly number[]): Plan => ({
  id,
  startStep,
  actions: tensor([rows.length, 1], Float32Array.from(rows)),
  evidence: noEvidence,
});

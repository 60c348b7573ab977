import { noEvidence, type Plan } from '../../src/planning/plan.ts';
import { tensor } from '../../src/tensor.ts';

/** A plan of one-dimensional rows. */
export const planOf = (id: number, startStep: number, rows: readonly number[]): Plan => ({
  id,
  startStep,
  actions: tensor([rows.length, 1], Float32Array.from(rows)),
  evidence: noEvidence,
});

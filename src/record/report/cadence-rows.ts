import type { CadenceReport, PlanParts, Quantiles } from '../../control/cadence.ts';
import type { Counters } from '../../control/counters.ts';
import { readable } from '../outcome.ts';

const spread = (ms: Quantiles | null): string =>
  ms === null
    ? '–'
    : `${readable(ms.p50)} ms median, ${readable(ms.p95)} p95, ${readable(ms.p99)} p99, ${readable(ms.max)} worst`;

/** Why ticks held, each reason with its count; those that never happened are left out. */
const holds = (counts: Readonly<Record<string, number>>): [string, string][] =>
  Object.entries(counts).flatMap(([reason, n]): [string, string][] =>
    n > 0 ? [[`held: ${reason.replaceAll('-', ' ')}`, String(n)]] : [],
  );

const partNames = {
  queue: 'waiting for a turn',
  encode: 'encoding',
  search: 'searching',
  link: 'on the way',
};

const parts = (partsMs: PlanParts): [string, string][] =>
  (Object.keys(partNames) as (keyof PlanParts)[]).flatMap((part): [string, string][] =>
    partsMs[part] ? [[`… ${partNames[part]}`, spread(partsMs[part])]] : [],
  );

function clamps({ clamps: ticks, clampsBy }: Counters): string {
  const kinds = Object.entries(clampsBy).filter(([, n]) => n > 0);
  const by = kinds.map(([kind, n]) => `${kind} ${n}`).join(', ');
  return by === '' ? String(ticks) : `${ticks} (${by})`;
}

/** A cadence report as rows of a table: what was measured, and what came out. */
export function cadenceRows(report: CadenceReport): [string, string][] {
  const { counters } = report;
  const rate = report.achievedHz === null ? '–' : readable(report.achievedHz);
  return [
    ['rate', `${rate} of ${readable(report.targetHz)} Hz`],
    ['tick late by', spread(report.latenessMs)],
    ['late ticks', `${report.lateTicks} of ${counters.ticks}`],
    ['skipped ticks', String(report.skippedTicks)],
    ['time to plan', spread(report.planMs)],
    ...parts(report.partsMs),
    ['observation age', spread(report.observationAgeMs)],
    [
      'plans arrived',
      `${counters.plans}, ${counters.latePlans} late, ${counters.droppedPlans} never used, ${counters.refused} refused`,
    ],
    ['rows skipped', String(counters.skippedRows)],
    ['tails', String(counters.tails)],
    ...holds(counters.holds),
    ['clamped', clamps(counters)],
    ['planning failures', String(counters.failures)],
  ];
}

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { z } from 'zod';
import { JepilotError, reasonOf } from '../../errors.ts';
import { version } from '../version.ts';
import type { BenchRow } from './case.ts';
import type { LoopDelay } from './loop-delay.ts';

/** What `jepilot bench` measured. Times are milliseconds. */
export interface BenchReport {
  readonly machine: string;
  readonly date: string;
  readonly version: string;
  /** float32 matrix products with the threads of the first row: the limit that rows are measured against. */
  readonly gemmGflops: number;
  readonly rows: readonly BenchRow[];
  readonly eventLoopDelay: readonly LoopDelay[];
}

export function machineName(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

export const reportOf = (
  rows: readonly BenchRow[],
  eventLoopDelay: readonly LoopDelay[],
  date: string,
): BenchReport => ({
  machine: machineName(),
  date,
  version,
  gemmGflops: Math.max(
    0,
    ...rows.filter(({ threads }) => threads === rows[0]?.threads).map((r) => r.gemmGflops),
  ),
  rows,
  eventLoopDelay,
});

/** As much of an earlier report as a comparison needs. */
const Earlier = z.looseObject({
  machine: z.string(),
  gemmGflops: z.number(),
  rows: z.array(
    z.looseObject({
      planner: z.string(),
      model: z.string(),
      provider: z.string(),
      precision: z.string(),
      samples: z.number(),
      horizon: z.number(),
      iterations: z.number(),
      p50: z.number(),
      gemmShare: z.number(),
      threads: z.number().optional(),
      robots: z.number().optional(),
    }),
  ),
});
export type Earlier = z.infer<typeof Earlier>;

/** Reads what `--json` wrote; anything else is `bad-file`. */
export function readEarlier(path: string): Earlier {
  try {
    const parsed = Earlier.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Error(`'${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'invalid'}`);
  } catch (cause) {
    throw new JepilotError('bad-file', `--compare ${path}: no report of jepilot bench: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

const keyOf = (row: Earlier['rows'][number]): string =>
  [
    row.model,
    row.planner,
    row.provider,
    row.precision,
    row.samples,
    row.horizon,
    row.iterations,
    row.threads ?? 1,
    row.robots ?? 1,
  ].join(' ');

/** How each row fares against the same one of an earlier report: by time, and by share of the limit, which machines share. */
export function comparison(report: BenchReport, earlier: Earlier): string[] {
  const known = new Map(earlier.rows.map((row) => [keyOf(row), row]));
  const lines = report.rows.flatMap((row) => {
    const before = known.get(keyOf({ ...row }));
    if (!before) return [];
    const time = row.p50 / before.p50;
    const share = row.gemmShare / before.gemmShare;
    return [
      `  ${nameOf(row)}: ${before.p50.toFixed(2)} → ${row.p50.toFixed(2)} ms (${time.toFixed(2)}×), share of the limit ${before.gemmShare.toFixed(2)} → ${row.gemmShare.toFixed(2)} (${share.toFixed(2)}×)`,
    ];
  });
  const from = `against ${earlier.machine}, ${earlier.gemmGflops.toFixed(0)} GFLOP/s`;
  return [from, ...(lines.length > 0 ? lines : ['  no row of it is in this report'])];
}

const nameOf = ({
  model,
  planner,
  samples,
  horizon,
  iterations,
  precision,
  threads,
  robots,
}: BenchRow): string =>
  `${model} ${planner} ${samples}×${horizon}×${iterations} ${precision}, ${threads} thread${threads === 1 ? '' : 's'}` +
  (robots > 1 ? `, ${robots} robots` : '');

export function rowText(row: BenchRow): string {
  const ms = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
  return [
    `${row.default ? '*' : ' '} ${nameOf(row)}:`,
    `p50 ${ms(row.p50)} p95 ${ms(row.p95)} p99 ${ms(row.p99)} ms,`,
    `${(row.evaluationsPerSecond / 1000).toFixed(0)}k evaluations/s,`,
    `${row.gflops.toFixed(0)} GFLOP/s = ${row.gemmShare.toFixed(2)} of ${row.gemmGflops.toFixed(0)}`,
    ...(row.batchRatio === null
      ? []
      : [`; ${row.plansPerSecond.toFixed(0)} plans/s, ${row.batchRatio.toFixed(2)} of one by one`]),
  ].join(' ');
}

export const delayText = ({ model, p50, p99, max, plans }: LoopDelay): string =>
  `  ${model}: timers at the control end late by p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, max ${max.toFixed(2)} ms over ${plans} plans in the worker`;

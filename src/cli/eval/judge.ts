import { readFileSync } from 'node:fs';
import {
  readBaseline,
  regressionGates,
  successGates,
  type Gate,
  type MinimumSuccess,
} from '../../evaluation/gates.ts';
import { junitOf } from '../../evaluation/junit.ts';
import type { Baseline } from '../../evaluation/gates.ts';
import type { Results } from '../../evaluation/results.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import { writeWhole } from '../../record/run-folder.ts';
import type { DeepArguments } from './options.ts';

export interface Gates {
  readonly baseline: Baseline | null;
  readonly minimum: readonly MinimumSuccess[];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new JepilotError('io', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function parseMinimum(text: string): MinimumSuccess {
  const match = /^([^/=]+)(?:\/([^=]+))?=([\d.]+)$/.exec(text);
  const rate = Number(match?.[3]);
  if (match?.[1] !== undefined && rate >= 0 && rate <= 1) {
    return { task: match[1], track: match[2] ?? null, rate };
  }
  throw new JepilotError(
    'invalid-value',
    `--min-success ${text}: expected TASK=RATE or TASK/TRACK=RATE with a rate from 0 to 1, such as two-room=0.9`,
  );
}

/** Reads what results will be judged by, before anything is played. */
export const readGates = (args: DeepArguments): Gates => ({
  baseline: args.baseline === undefined ? null : readBaseline(readText(args.baseline), args.baseline),
  minimum: (args['min-success'] ?? []).flatMap((text) => text.split(',')).map(parseMinimum),
});

/** Tells each gate on stderr and writes the JUnit file; true where one failed. */
export function judge(results: Results, { baseline, minimum }: Gates, junit: string | undefined): boolean {
  const gates: Gate[] = [
    ...(baseline ? regressionGates(results, baseline) : []),
    ...successGates(results, minimum),
  ];
  for (const { name, passed, message } of gates) {
    process.stderr.write(`${passed ? 'passed' : 'FAILED'}: ${name}: ${message}\n`);
  }
  if (junit !== undefined) writeWhole(junit, junitOf(results, gates));
  return gates.some(({ passed }) => !passed);
}

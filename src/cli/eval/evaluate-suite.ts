import { join } from 'node:path';
import type { Machine } from '../../evaluation/expand.ts';
import type { Suite } from '../../evaluation/suite.ts';
import { markdownOf } from '../../evaluation/tables.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { checkWritable } from '../check-writable.ts';
import type { OpenBackend } from './backend.ts';
import { Crew } from './crew.ts';
import { judge, readGates } from './judge.ts';
import type { DeepArguments } from './options.ts';
import { resultsJson, writeOutputs } from './outputs.ts';
import { defaultFolder, runSuite } from './run-suite.ts';

export interface SuiteCommand {
  readonly suite: Suite;
  readonly machine: Machine;
  readonly args: DeepArguments & { jobs: number; json: string | undefined };
  readonly signal: AbortSignal;
}

/** Processes of this machine, or whoever listens to the queue. */
const opener =
  ({ jobs, queue }: SuiteCommand['args']): OpenBackend =>
  async (listener) =>
    queue === undefined
      ? new Crew({ jobs, ...listener })
      : (await import('../queue/coordinator.ts')).Coordinator.open(queue, listener);

/** Plays a suite and leaves its folder; then the gates have their say, and a failed one makes the exit code 1. */
export async function evaluateSuite({ suite, machine, args, signal }: SuiteCommand): Promise<void> {
  const { out = defaultFolder(suite.suite), json, junit, until } = args;
  if (junit !== undefined) checkWritable(junit);
  const gates = readGates(args);
  const run = await runSuite({
    suite,
    out,
    machine: { provider: machine.provider, threads: machine.threads },
    open: opener(args),
    signal,
    untilDecided: until === 'decided',
  });
  writeOutputs(out, run, `jepilot ${process.argv.slice(2).join(' ')}`);
  if (json !== undefined) writeWhole(json, resultsJson(run));
  for (const { lost, label, cell } of run.results.cells) {
    for (const { seed, reason } of lost) {
      process.stderr.write(`lost: ${cell.task} ${cell.track.name} ${label}, episode ${seed}: ${reason}\n`);
    }
  }
  process.stdout.write(markdownOf(run.results, run.timings));
  if (signal.aborted) {
    process.stderr.write(`stopped; what was played is kept in ${out}, run the same command to continue\n`);
    return;
  }
  const failed = judge(run.results, gates, junit);
  process.stdout.write(`\n${join(out, 'report.html')}\n`);
  if (failed) process.exitCode = 1;
}

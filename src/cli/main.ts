#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { JepilotError, reasonOf } from '../errors.ts';
import { agentCommand } from './commands/agent.ts';
import { benchCommand } from './commands/bench.ts';
import { collectCommand } from './commands/collect.ts';
import { doctorCommand } from './commands/doctor.ts';
import { driveCommand } from './commands/drive.ts';
import { evalCommand } from './commands/eval.ts';
import { exportCommand } from './commands/export.ts';
import { inspectCommand } from './commands/inspect.ts';
import { modelsCommand, plannersCommand, tasksCommand } from './commands/list.ts';
import { repairCommand } from './commands/repair.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { workerCommand } from './commands/worker.ts';
import { version } from './version.ts';

/** One line for what a user can mend; the stack as well for what only a developer can. */
function report(error: unknown): void {
  const known = error instanceof JepilotError || (error instanceof Error && error.name === 'YError');
  process.stderr.write(`jepilot: ${known || !(error instanceof Error) ? reasonOf(error) : error.stack}\n`);
  // A peer that can't be reached, or that turned us away, is another thing than a wrong flag.
  const link = error instanceof JepilotError && (error.code === 'link' || error.code === 'refused');
  process.exitCode = link ? 4 : 1;
}

const cli = yargs(hideBin(process.argv))
  .scriptName('jepilot')
  .usage('$0 <command>\n\nPlans in the latent space of a pretrained JEPA world model, and acts.')
  .command(runCommand)
  .command(evalCommand)
  .command(agentCommand)
  .command(serveCommand)
  .command(driveCommand)
  .command(simulateCommand)
  .command(workerCommand)
  .command(collectCommand)
  .command(replayCommand)
  .command(inspectCommand)
  .command(repairCommand)
  .command(exportCommand)
  .command(tasksCommand)
  .command(plannersCommand)
  .command(modelsCommand)
  .command(benchCommand)
  .command(doctorCommand)
  .demandCommand(1, 'name a command; see jepilot --help')
  .strict()
  .version(version)
  .alias('h', 'help')
  .wrap(Math.min(110, process.stdout.columns || 110))
  .fail((message, error) => {
    throw (error as Error | undefined) ?? new JepilotError('invalid-value', `${message}; see --help`);
  });

try {
  await cli.parseAsync();
} catch (error) {
  report(error);
}

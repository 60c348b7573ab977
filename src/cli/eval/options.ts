import type { Argv } from 'yargs';

/** What makes an evaluation leave a folder, or judge what it found. */
export interface DeepArguments {
  out: string | undefined;
  sweep: string | undefined;
  until: string | undefined;
  baseline: string | undefined;
  junit: string | undefined;
  'min-success': string[] | undefined;
  queue: string | undefined;
}

/** Options of `eval` beyond a single table. */
export const deepOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe:
        'folder for episodes, tables and report (runs/eval/<suite>); what is there is not played again',
    })
    .option('sweep', {
      type: 'string',
      requiresArg: true,
      describe:
        'success against compute: samples,iterations,horizon, each with values if wanted (samples=16:64)',
    })
    .option('until', {
      choices: ['decided'],
      requiresArg: true,
      describe: 'stop comparing planners as soon as one is known to be better (error below 5 %)',
    })
    .option('baseline', {
      type: 'string',
      requiresArg: true,
      describe: 'results.json to compare with, pair by pair; a significant regression exits with 1',
    })
    .option('junit', { type: 'string', requiresArg: true, describe: 'also write a JUnit XML file' })
    .option('min-success', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'TASK=0.9 or TASK/TRACK=0.9: a lower success rate exits with 1',
    })
    .option('queue', {
      type: 'string',
      requiresArg: true,
      describe: 'redis://HOST:PORT: let `jepilot worker`s of any machine play',
    });

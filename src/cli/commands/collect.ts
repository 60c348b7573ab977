import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { CommandModule } from 'yargs';
import { checkCollection, mergeParts, missingEpisodes } from '../../dataset/collect.ts';
import { Parts } from '../../dataset/parts.ts';
import type { CollectionSpec } from '../../dataset/record-episode.ts';
import { JepilotError } from '../../errors.ts';
import { interruptible } from '../interrupt.ts';
import { whole } from '../options.ts';
import { runPool } from '../pool.ts';
import { progress } from '../progress.ts';
import { loadTask } from '../tasks.ts';
import { version } from '../version.ts';
import type { CollectData } from '../workers/collect.ts';

interface Arguments {
  task: string;
  episodes: number;
  steps: number;
  seed: number;
  out: string;
  jobs: number;
  vary: string | undefined;
  force: boolean;
}

export const collectCommand: CommandModule<object, Arguments> = {
  command: 'collect <task>',
  describe: 'record a data set of camera frames and actions with the task’s behaviour policy',
  builder: (yargs) =>
    yargs
      .positional('task', {
        type: 'string',
        demandOption: true,
        describe: 'a task’s name, or the path of a module',
      })
      .option('episodes', { ...whole('episodes', 1), demandOption: true, describe: 'how many episodes' })
      .option('steps', { ...whole('steps', 2), default: 100, describe: 'control steps per episode' })
      .option('seed', {
        ...whole('seed', 0),
        default: 0,
        describe: 'episode i uses seed + i; below 1,000,000',
      })
      .option('out', { type: 'string', demandOption: true, describe: 'the HDF5 file to write' })
      .option('jobs', {
        ...whole('jobs', 1),
        default: availableParallelism(),
        describe: 'workers; never changes the file',
      })
      .option('vary', {
        type: 'string',
        describe: 'factors to draw anew for each episode, with commas between',
      })
      .option('force', { type: 'boolean', default: false, describe: 'replace the file if it exists' })
      .example('$0 collect two-room --episodes 2000 --out data/two-room.h5', 'the set of the shipped model')
      .example(
        '$0 collect two-room --episodes 100 --vary door,light --out data/doors.h5',
        'doors and light vary',
      ),
  async handler(args) {
    const task = await loadTask(args.task);
    const vary = args.vary ? args.vary.split(',').map((name) => name.trim()) : [];
    const spec: CollectionSpec = {
      task: task.name,
      episodes: args.episodes,
      seed: args.seed,
      steps: args.steps,
      vary,
    };
    checkCollection(task, spec);
    if (existsSync(args.out) && !args.force) {
      throw new JepilotError('io', `${args.out} exists; use --force to replace it or choose another --out`);
    }
    const parts = new Parts(args.out);
    parts.open(spec);
    const queue = missingEpisodes(spec, parts);
    await interruptible(async (signal) => {
      const bar = progress('collect', spec.episodes, 'episodes', spec.episodes - queue.length);
      const data: CollectData = { task: args.task, spec, out: args.out };
      await runPool({
        entry: 'collect',
        data,
        queue,
        jobs: args.jobs,
        signal,
        onResult: () => bar.advance(),
      });
      bar.stop();
      if (signal.aborted) {
        const left = missingEpisodes(spec, parts).length;
        process.stderr.write(
          `stopped; ${spec.episodes - left} of ${spec.episodes} episodes are kept, rerun to go on\n`,
        );
        return;
      }
      const merge = progress('merge', spec.episodes, 'episodes');
      await mergeParts(task, spec, parts, args.out, { version, command: commandOf(spec) }, () =>
        merge.advance(),
      );
      merge.stop();
      process.stderr.write(`${args.out}: ${spec.episodes} episodes of ${spec.steps} steps\n`);
    });
  },
};

/** The command that makes this data set, without what does not change it. */
const commandOf = (spec: CollectionSpec): string =>
  [
    `jepilot collect ${spec.task} --episodes ${spec.episodes} --steps ${spec.steps} --seed ${spec.seed}`,
    ...(spec.vary.length > 0 ? [`--vary ${spec.vary.join(',')}`] : []),
  ].join(' ');

import { hostname } from 'node:os';
import type { CommandModule } from 'yargs';
import { interruptible } from '../interrupt.ts';
import { whole } from '../options.ts';

interface Arguments {
  queue: string;
  jobs: number;
  name: string | undefined;
}

/** Episodes between two lines on what was played. */
const EVERY = 50;

export const workerCommand: CommandModule<object, Arguments> = {
  command: 'worker',
  describe: 'play episodes that `jepilot eval … --queue` gives out through Redis',
  builder: (yargs) =>
    yargs
      .option('queue', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'redis://HOST:PORT, as the evaluation names it',
      })
      .option('jobs', {
        ...whole('jobs', 1),
        default: 1,
        describe: 'episodes at once, each in its own process',
      })
      .option('name', {
        type: 'string',
        requiresArg: true,
        describe: 'what it is called (host and process id)',
      })
      .example('$0 worker --queue redis://localhost:6379', 'one more worker; Ctrl-C finishes its episode'),
  handler: ({ queue, jobs, name = `${hostname()}-${process.pid}` }) =>
    interruptible(async (signal) => {
      const { serveQueue } = await import('../queue/serve-queue.ts');
      const { shown } = await import('../queue/redis.ts');
      const say = (line: string) => process.stderr.write(`${line}\n`);
      say(`worker '${name}': ${jobs} at once, from ${shown(queue)}`);
      let total = 0;
      await serveQueue({
        address: queue,
        name,
        jobs,
        signal,
        onPlayed: (count) => {
          total = count;
          if (count % EVERY === 0) say(`worker '${name}': ${count} orders`);
        },
      });
      say(`worker '${name}': ${total} orders, ended`);
    }),
};

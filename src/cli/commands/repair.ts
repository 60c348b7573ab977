import { rmSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { fileSink } from '../../record/mcap/byte-sink.ts';
import { repairedPath, repairRecording, type Repaired } from '../../record/repair.ts';
import { toJson } from '../../record/json-lines.ts';
import { version } from '../version.ts';

interface Arguments {
  file: string;
  out: string | undefined;
  json: boolean;
}

export const repairCommand: CommandModule<object, Arguments> = {
  command: 'repair <file>',
  describe: 'make a whole recording of a cut one, and say what was lost',
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'an MCAP file; it is left as it is',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'the file to write; FILE.repaired.mcap by default',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print what was found as JSON' })
      .example('$0 repair run.mcap', 'leaves run.repaired.mcap'),
  async handler({ file, out, json }) {
    const path = out ?? repairedPath(file);
    const sink = await fileSink(path);
    let repaired: Repaired;
    try {
      repaired = await repairRecording(file, sink, `jepilot ${version}`);
      await sink.close();
    } catch (error) {
      await sink.close();
      rmSync(path, { force: true });
      throw error;
    }
    process.stderr.write(`${lossOf(repaired)}\n`);
    process.stdout.write(json ? `${toJson({ file: path, ...repaired })}\n` : `${path}\n`);
  },
};

function lossOf({ condition, messages, seconds, ended }: Repaired): string {
  const kept = `kept ${messages} messages of ${seconds.toFixed(1)} s`;
  const { whole, cutBytes, damagedChunks } = condition;
  if (whole) return `${kept}; nothing was wrong with it`;
  const lost = [
    ...(cutBytes > 0 ? [`the last ${cutBytes} bytes`] : []),
    ...(damagedChunks > 0 ? [`${damagedChunks} damaged chunks`] : []),
    ...(ended ? [] : ['the result, and at most the last second before the end']),
  ];
  return `${kept}; lost: ${lost.join(', ') || 'the index alone'}`;
}

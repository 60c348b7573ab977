import { existsSync, rmSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { JepilotError } from '../../errors.ts';
import { checkAlike, episodeOf } from '../../record/export/episode.ts';
import { exportHdf5 } from '../../record/export/hdf5.ts';
import { exportJsonl } from '../../record/export/jsonl.ts';
import { exportLerobot } from '../../record/export/lerobot.ts';
import { readRecording, type Recording } from '../../record/recording.ts';
import { version } from '../version.ts';

const formats = ['lerobot', 'hdf5', 'jsonl'] as const;

interface Arguments {
  format: (typeof formats)[number];
  files: string[];
  out: string;
  taskText: string | undefined;
  force: boolean;
}

export const exportCommand: CommandModule<object, Arguments> = {
  command: 'export <format> <files..>',
  describe: 'make a data set of recordings: a LeRobot v3 folder, HDF5 for training, or lines of JSON',
  builder: (yargs) =>
    yargs
      .positional('format', { choices: formats, demandOption: true, describe: 'what to write' })
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'recordings (MCAP), one an episode',
      })
      .option('out', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'the file, or for lerobot the folder, to write',
      })
      .option('taskText', {
        alias: 'task-text',
        type: 'string',
        requiresArg: true,
        describe: 'with lerobot: the task in words; its name by default',
      })
      .option('force', { type: 'boolean', default: false, describe: 'replace the file if it exists' })
      .example('$0 export lerobot runs/*/run.mcap --out set', 'a folder that LeRobot reads')
      .example('$0 export hdf5 runs/*/run.mcap --out set.h5', 'what jepilot collect writes')
      .example('$0 export jsonl run.mcap --out run.jsonl', 'for scripts'),
  async handler({ format, files, out, taskText, force }) {
    prepare(out, format, force);
    const recordings: Recording[] = [];
    for (const file of files) recordings.push(await readRecording(file));
    const cut = recordings.filter(({ result }) => !result).length;
    if (cut > 0)
      process.stderr.write(
        `note: ${cut} of ${files.length} recordings were cut; what is there is exported\n`,
      );
    if (format === 'jsonl') exportJsonl(recordings, out);
    else await exportEpisodes(format, recordings, out, taskText);
    process.stdout.write(`${out}\n`);
  },
};

function prepare(out: string, format: Arguments['format'], force: boolean): void {
  if (format === 'lerobot' || !existsSync(out)) return;
  if (!force)
    throw new JepilotError('io', `${out} exists; use --force to replace it or choose another --out`);
  rmSync(out);
}

async function exportEpisodes(
  format: 'lerobot' | 'hdf5',
  recordings: readonly Recording[],
  out: string,
  text: string | undefined,
): Promise<void> {
  const episodes = recordings.map(episodeOf);
  checkAlike(episodes);
  const rows = episodes.reduce((sum, episode) => sum + episode.rows.length, 0);
  if (format === 'hdf5') await exportHdf5(episodes, out, version);
  else exportLerobot(episodes, out, text);
  process.stderr.write(`${episodes.length} episodes, ${rows} steps\n`);
}

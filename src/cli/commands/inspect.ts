import type { CommandModule } from 'yargs';
import { inspectRecording, type RecordingSummary } from '../../record/inspect.ts';
import { toJson } from '../../record/json-lines.ts';
import { readable } from '../../record/outcome.ts';

interface Arguments {
  file: string;
  json: boolean;
}

export const inspectCommand: CommandModule<object, Arguments> = {
  command: 'inspect <file>',
  describe: 'say what is in a recording: run, channels, rates, holds by reason, whole or cut',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'an MCAP file' })
      .option('json', { type: 'boolean', default: false, describe: 'print it as JSON' })
      .example('$0 inspect runs/…/run.mcap', 'a table')
      .example('$0 inspect run.mcap --json', 'the same for scripts'),
  async handler({ file, json }) {
    const summary = await inspectRecording(file);
    process.stdout.write(json ? `${toJson(summary, 2)}\n` : `${linesOf(summary).join('\n')}\n`);
  },
};

function conditionOf({ condition, ended, repair }: RecordingSummary): string {
  const { whole, cutBytes, damagedChunks } = condition;
  const flaws = [
    ...(whole || cutBytes === 0 ? [] : [`${cutBytes} bytes of its last record are no use`]),
    ...(damagedChunks > 0 ? [`${damagedChunks} damaged chunks`] : []),
  ];
  if (!whole) return `cut${flaws.length > 0 ? `: ${flaws.join(', ')}` : ''}; jepilot repair makes it whole`;
  if (repair) return `whole, repaired${ended ? '' : '; its run was cut short'}`;
  return ended ? 'whole' : 'whole, but without a result: its run failed';
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');

function runLines({ run, result, seconds, bytes, messages }: RecordingSummary): [string, string][] {
  const size: [string, string] = [
    'size',
    `${(bytes / 1000).toFixed(0)} kB, ${messages} messages, ${seconds.toFixed(1)} s`,
  ];
  if (!run) return [['run', 'none: JEPilot did not write this file'], size];
  const { episode, model } = run;
  const where = episode ? `, ${episode.track}, seed ${episode.seed}` : '';
  const model_ = model ? `${model.name} (${model.sha256.slice(0, 12)}…), ${run.provider}` : 'none';
  const success = result?.result['success'];
  const outcome =
    success === true ? 'goal reached' : success === false ? 'goal not reached' : 'nobody can tell';
  return [
    ['task', `${run.task}${where}, ${run.mode}`],
    ['planner', run.planner],
    ['model', model_],
    ['started', `${run.started}, JEPilot ${run.version}`],
    ['command', run.command],
    size,
    ...(result
      ? [['outcome', result.stopped === '' ? outcome : `stopped: ${result.stopped}`] as [string, string]]
      : []),
  ];
}

function linesOf(summary: RecordingSummary): string[] {
  const { ticks, holds, clamped, events, channels, result } = summary;
  const dropped = result ? result.dropped.image + result.dropped.data : 0;
  const facts: [string, string][] = [
    ['file', summary.file],
    ['condition', conditionOf(summary)],
    ...runLines(summary),
    ['ticks', `${ticks.plan} planned, ${ticks.tail} on a tail, ${ticks.hold} held, ${clamped} clamped`],
    ...(ticks.hold > 0 ? [['holds', listed(holds)] as [string, string]] : []),
    ...(Object.keys(events).length > 0 ? [['events', listed(events)] as [string, string]] : []),
    ...(dropped > 0 ? [['left out', `${dropped} messages: the disk was too slow`] as [string, string]] : []),
  ];
  const wide = Math.max(...channels.map(({ topic }) => topic.length), 0);
  const rows = channels.map(({ topic, schema, messages, hz }) =>
    [
      topic.padEnd(wide),
      schema.padEnd(24),
      String(messages).padStart(8),
      (hz === null ? '–' : readable(hz)).padStart(8),
    ].join('  '),
  );
  const head = ['channel'.padEnd(wide), 'schema'.padEnd(24), 'messages', '      Hz'].join('  ');
  return [...facts.map(([name, value]) => `${name.padEnd(10)} ${value}`), '', head, ...rows];
}

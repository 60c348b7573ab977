import { cadenceRows } from '../../record/report/cadence-rows.ts';
import type { AgentResult } from './report.ts';

/** The cadence of the last episode, on stderr: stdout is for scripts. */
export function tell({ episodes, link }: AgentResult): void {
  const { roundTripMs, corrupt, repeated, lost, sessions, chunks } = link;
  const rows = episodes.at(-1) ? cadenceRows(episodes.at(-1)!.cadence) : [];
  const refused = Object.entries(chunks).filter(([verdict, n]) => verdict !== 'accepted' && n > 0);
  const all: [string, string][] = [
    ...rows,
    [
      'round trip',
      roundTripMs ? `${roundTripMs.p50.toFixed(1)} ms median, ${roundTripMs.p99.toFixed(1)} p99` : '–',
    ],
    ['sessions', String(sessions)],
    ['frames dropped', `${corrupt} damaged, ${repeated} repeated or late, ${lost} lost`],
    [
      'chunks',
      [`${chunks.accepted} accepted`, ...refused.map(([verdict, n]) => `${n} ${verdict}`)].join(', '),
    ],
  ];
  const width = Math.max(...all.map(([name]) => name.length));
  process.stderr.write(all.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join(''));
}

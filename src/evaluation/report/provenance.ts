import { escapeHtml } from '../../record/report/escape.ts';
import { hashSpec } from '../../spec.ts';
import type { Results } from '../results.ts';
import type { Timings } from '../timings-file.ts';

const row = (name: string, value: string): string =>
  `<tr><th scope="row">${escapeHtml(name)}</th><td class="number">${escapeHtml(value)}</td></tr>`;

/** One hash over every start, goal and scene that was played. */
const manifestHash = ({ cells }: Results): string =>
  hashSpec([...new Set(cells.flatMap(({ episodes }) => episodes.map(({ situation }) => situation)))].sort());

/** What has to be known to check the numbers or to make them again. */
export function provenance(results: Results, timings: Timings, command: string): string {
  const models = new Map(
    results.cells.flatMap(({ cell }) =>
      cell.model ? [[cell.model.name, cell.model.checksum] as const] : [],
    ),
  );
  const seeds = results.cells.flatMap(({ episodes }) => episodes.map(({ seed }) => seed));
  const range = seeds.reduce<[number, number]>(
    ([low, high], seed) => [Math.min(low, seed), Math.max(high, seed)],
    [Infinity, -Infinity],
  );
  const rows = [
    row('version', results.version),
    row('machine', timings.machine),
    row('Node', timings.node),
    row('started', timings.started),
    row('seconds, last run', timings.wallSeconds.toFixed(1)),
    ...(seeds.length > 0 ? [row('seeds', `${range[0]} to ${range[1]}`)] : []),
    row('manifest', manifestHash(results)),
    ...[...models].map(([name, checksum]) => row(`model ${name}, SHA-256 of manifest.json`, checksum)),
  ];
  const cells = results.cells.map(({ id, label, cell, outside }) => {
    const settings = cell.settings ? JSON.stringify(cell.settings) : '';
    const note = outside.length > 0 ? ` outside of training: ${outside.join(', ')}` : '';
    return row(id, `${cell.task} ${cell.track.name} ${label} ${settings}${note}`);
  });
  return `<section class="card wide"><h2>Where this comes from</h2>
<div class="command"><pre><code>${escapeHtml(command)}</code></pre></div>
<div class="scroll"><table><tbody>${rows.join('')}</tbody></table></div>
<details><summary>Every combination with its hash and settings (${cells.length})</summary><div class="scroll"><table><tbody>${cells.join('')}</tbody></table></div></details></section>`;
}

import type { Gate } from './gates.ts';
import type { CellResult, Results } from './results.ts';

const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // XML 1.0 has no place for other control characters.
    .replace(/[^\t\n\r\u0020-\uFFFD]/g, '�');

const testcase = (group: string, name: string, failures: readonly string[], output = ''): string => {
  const inner = failures.map((text) => `<failure message="${escapeXml(text)}"/>`).join('');
  const out = output === '' ? '' : `<system-out>${escapeXml(output)}</system-out>`;
  return `    <testcase classname="${escapeXml(group)}" name="${escapeXml(name)}">${inner}${out}</testcase>`;
};

function cellCase({ cell, label, id, summary, lost }: CellResult, gates: readonly Gate[]): string {
  const failed = gates.filter((gate) => gate.cell === id && !gate.passed);
  const { successes, episodes, low, high } = summary;
  const interval = `95 % ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;
  const output = [
    `${successes} of ${episodes} succeeded, ${interval}`,
    ...lost.map(({ seed, reason }) => `episode ${seed} was lost: ${reason}`),
  ].join('\n');
  const failures = failed.map(({ name, message }) => `${name}: ${message}`);
  return testcase(`${cell.task}.${cell.track.name}`, `${label} ${id}`, failures, output);
}

/** Results and gates as JUnit XML, which continuous integration shows: a test case per cell, and per gate without one. */
export function junitOf(results: Results, gates: readonly Gate[]): string {
  const loose = gates.filter(({ cell }) => cell === null);
  const cases = [
    ...results.cells.map((cell) => cellCase(cell, gates)),
    ...loose.map((gate) => testcase('gates', gate.name, gate.passed ? [] : [gate.message])),
  ];
  const failures = cases.filter((text) => text.includes('<failure')).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(results.suite)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

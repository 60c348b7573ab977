import { outcome } from '../outcome.ts';
import type { RunRecord } from '../run-record.ts';
import { spriteSheet } from '../sprite-sheet.ts';
import { ACTIONS_CHART } from './actions-chart.ts';
import { chartLibrary } from './chart-library.ts';
import { CHART_SCRIPT } from './chart-script.ts';
import { CONTROLS_SCRIPT } from './controls-script.ts';
import { reportData } from './data.ts';
import { embedJson, embedScript, escapeHtml } from './escape.ts';
import { body } from './page.ts';
import { PLAN_CHARTS } from './plan-charts.ts';
import { PLAYER_SCRIPT } from './player-script.ts';
import { PROGRESS_CHART } from './progress-chart.ts';
import { STYLE } from './style.ts';

/** Nothing may come from anywhere but this file; the browser itself sees to it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** Each chart's builder by the id of its place; a page without the place has nothing to show there. */
const CHARTS =
  'const CHARTS = { progress: progressChart, actions: actionsChart, cost: costChart, latency: latencyChart };';
const PARTS = [
  PLAYER_SCRIPT,
  CHART_SCRIPT,
  PROGRESS_CHART,
  ACTIONS_CHART,
  PLAN_CHARTS,
  CHARTS,
  CONTROLS_SCRIPT,
];

/** The page's own program. */
export const PAGE_SCRIPT = `'use strict';\n(() => {${PARTS.join('\n')}})();`;

/**
 * A run as one HTML page that opens from disk without a network: outcome, animation beside the goal picture, charts
 * that follow it, and the set-up. Throws JepilotError for a run without frames.
 */
export function renderReport(run: RunRecord): string {
  const sheet = spriteSheet(run.frames);
  const library = chartLibrary();
  const title = `${run.task}: ${outcome(run).arrival} (JEPilot)`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
<style>${library.style}${STYLE}</style>
</head>
<body>
${body(run, sheet)}
<script type="application/json" id="run">${embedJson(reportData(run, sheet))}</script>
<script>${embedScript(library.script)}</script>
<script>${embedScript(PAGE_SCRIPT)}</script>
</body>
</html>
`;
}

/** Okabe and Ito's palette, darkened until every line has a contrast of 3:1 on white. */
const LIGHT = `
  color-scheme: light;
  --page: #f5f6f8; --card: #ffffff; --edge: #dcdfe5; --ink: #16191f; --soft: #565d69; --grid: #e8eaee;
  --good: #00724f; --good-ground: #e2f3ec; --bad: #a63d00; --bad-ground: #fbeae0; --open: #00558f; --open-ground: #e3eef8; --focus: #0060a8;
  --blue: #0068ad; --orange: #c14f00; --green: #00815d; --purple: #a2437f; --gold: #8a6a00; --sky: #1f82b8;
  --hold: rgba(193, 79, 0, 0.30); --tail: rgba(86, 93, 105, 0.16); --cursor: #16191f;`;

const DARK = `
  color-scheme: dark;
  --page: #101318; --card: #191d24; --edge: #303642; --ink: #eceff4; --soft: #a6afbd; --grid: #272c36;
  --good: #4fd3a8; --good-ground: #12322a; --bad: #ff9d66; --bad-ground: #3a2216; --open: #7cc4f5; --open-ground: #14293b; --focus: #6cb8f0;
  --blue: #62b5ee; --orange: #ff9147; --green: #3cc79a; --purple: #e391c0; --gold: #e0b93c; --sky: #9ad4f5;
  --hold: rgba(255, 145, 71, 0.34); --tail: rgba(166, 175, 189, 0.20); --cursor: #eceff4;`;

const PALETTE = `
:root {${LIGHT}
}
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) {${DARK}
} }
:root[data-theme='dark'] {${DARK}
}`;

const GROUND = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
header, main, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
h1, h2, h3, p, figure, dl, dd { margin: 0; }
h2 { font-size: 17px; margin-bottom: 12px; }
h3 { font-size: 15px; }
button, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 6px; padding: 5px 11px; min-height: 36px; cursor: pointer; }
button:hover, select:hover { border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
a { color: var(--focus); }
code, pre, .number { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 13px; }
.number { font-variant-numeric: tabular-nums; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 18px; min-width: 0; }
noscript p { padding: 12px 0; }`;

const HEAD = `
.bar { display: flex; align-items: center; gap: 12px; padding: 16px 0; }
.bar strong { letter-spacing: 0.01em; }
.bar .soft { flex: 1; overflow-wrap: anywhere; }
.outcome { display: flex; gap: 18px; align-items: flex-start; border-radius: 10px; padding: 22px 24px; }
.outcome.good { background: var(--good-ground); }
.outcome.bad { background: var(--bad-ground); }
.outcome svg { flex: none; width: 34px; height: 34px; margin-top: 4px; }
.outcome.open { background: var(--open-ground); }
.outcome.open svg { color: var(--open); }
.outcome.good svg { color: var(--good); }
.outcome.bad svg { color: var(--bad); }
.outcome h1 { font-size: clamp(21px, 3.2vw, 31px); line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
.outcome p { font-size: 17px; margin-top: 6px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 24px; padding: 18px 24px; }
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
.facts dd small { display: block; font-weight: 400; font-size: 13px; color: var(--soft); }`;

const PLAYER = `
.columns { display: grid; grid-template-columns: minmax(330px, 440px) minmax(0, 1fr); gap: 20px; align-items: start; }
.player { position: sticky; top: 16px; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.pictures canvas, .pictures img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; background: var(--grid); }
.pictures figcaption { color: var(--soft); font-size: 13px; margin-bottom: 4px; }
.scrub { display: block; width: 100%; margin: 16px 0 10px; accent-color: var(--blue); height: 22px; cursor: pointer; }
.controls { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.controls #play { min-width: 84px; font-weight: 600; }
.controls label { margin-left: auto; color: var(--soft); font-size: 13px; }
.now { display: grid; grid-template-columns: auto 1fr; gap: 3px 14px; margin-top: 16px; font-size: 14px; }
.now dt { color: var(--soft); }
.now dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.keys { margin-top: 14px; font-size: 13px; color: var(--soft); }
kbd { font: inherit; font-size: 12px; border: 1px solid var(--edge); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; }`;

const CHARTS = `
.charts { display: grid; gap: 16px; }
.chart figcaption { margin-bottom: 6px; }
.chart figcaption p { font-size: 13px; color: var(--soft); max-width: 86ch; }
.plot { width: 100%; min-height: 190px; }
.plot .uplot { display: flex; flex-direction: column; width: 100%; font-family: inherit; }
.plot .u-legend { order: -1; margin: 2px 0 4px; text-align: left; font-size: 13px; }
.plot .u-legend .u-series > * { padding: 1px 3px 1px 0; }
.plot .u-legend th { font-weight: 400; }
.plot .u-legend .u-series:first-child .u-marker { display: none; }
.plot .u-legend .u-value { font-variant-numeric: tabular-nums; font-weight: 600; min-width: 4.5em; }
.plot .u-legend .u-marker { width: 14px; height: 3px; border-radius: 2px; }
.plot .u-over { cursor: crosshair; touch-action: pan-y; }
.plot .u-cursor-x { border-right: 1px solid var(--cursor); opacity: 0.6; }
.swatch { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin: 0 4px 0 10px; }
.swatch.hold { background: repeating-linear-gradient(45deg, var(--hold) 0 3px, transparent 3px 5px); border: 1px solid var(--orange); }
.swatch.tail { background: var(--tail); border: 1px solid var(--soft); }`;

const TABLES = `
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 16px; margin-top: 20px; align-items: start; }
.wide { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
.card table th, .card table td { text-align: left; vertical-align: top; padding: 4px 14px 4px 0; border-top: 1px solid var(--grid); overflow-wrap: anywhere; }
.card table th { font-weight: 400; color: var(--soft); overflow-wrap: break-word; }
.card tbody tr:first-child > * { border-top: 0; }
.card .plot table th, .card .plot table td { border: 0; overflow-wrap: normal; color: var(--ink); }
.card .plot table { width: auto; font-size: 13px; }
.scroll { overflow-x: auto; max-height: 420px; margin-top: 10px; }
.scroll thead th { position: sticky; top: 0; background: var(--card); white-space: nowrap; }
.scroll td { white-space: nowrap; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; font-weight: 600; }
.command { display: flex; gap: 12px; align-items: flex-start; }
.command pre { flex: 1; margin: 0; padding: 9px 12px; background: var(--page); border: 1px solid var(--edge); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { padding-top: 20px; padding-bottom: 40px; font-size: 13px; color: var(--soft); }`;

const SMALL = `
@media (max-width: 900px) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .player { position: static; }
}
@media (max-width: 560px) {
  header, main, footer { padding-left: 12px; padding-right: 12px; }
  .card { padding: 14px; }
  .outcome { padding: 16px; gap: 12px; }
  .facts { grid-template-columns: 1fr 1fr; padding: 16px 4px; }
  .command { flex-direction: column; }
}
@media print { .controls, .scrub, .keys, #theme, #copy { display: none; } .player { position: static; } }`;

/** The style sheet of a report. */
export const STYLE = [PALETTE, GROUND, HEAD, PLAYER, CHARTS, TABLES, SMALL].join('\n');

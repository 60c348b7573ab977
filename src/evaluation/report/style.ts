/** What an evaluation's page needs beyond the style of a run's report. */
export const EVALUATION_STYLE = `
main { padding-bottom: 24px; }
section.card { margin-top: 16px; }
section.card > p.soft { margin-bottom: 12px; max-width: 90ch; }
.headline { padding: 8px 0 4px; }
.headline h1 { font-size: clamp(22px, 3vw, 30px); line-height: 1.25; margin: 0; }
.plot-row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; }
.plot-row figcaption p { font-size: 13px; color: var(--soft); }
figure svg { display: block; width: 100%; height: auto; }
.scroll { max-height: none; }
.card table.paper { font-size: 13px; }
.card table.paper th[scope=col] { text-align: right; vertical-align: bottom; font-weight: 600; color: var(--ink); border-bottom: 2px solid var(--soft); }
.card table.paper td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.card table.paper th.words[scope=col], .card table.paper td.words { text-align: left; }
.card table.paper tr.group > * { border-top: 1px solid var(--soft); }
.matrices { display: flex; flex-wrap: wrap; gap: 28px; }
.card table.matrix { width: auto; font-size: 13px; }
.card table.matrix caption { text-align: left; font-weight: 600; padding-bottom: 4px; }
.card table.matrix td { text-align: center; font-variant-numeric: tabular-nums; padding: 4px 12px; white-space: nowrap; }
.card table.matrix td.good { background: var(--good-ground); color: var(--good); }
.card table.matrix td.bad { background: var(--bad-ground); color: var(--bad); }
.controls { display: flex; gap: 16px; margin-bottom: 14px; flex-wrap: wrap; }
.controls label { margin: 0; }
.controls select { max-width: 100%; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 12px; }
.tile { border: 1px solid var(--edge); border-left: 4px solid var(--bad); border-radius: 6px; padding: 8px; min-width: 0; }
.tile.good { border-left-color: var(--good); }
.tile[hidden] { display: none; }
.tile .strip { display: grid; grid-template-columns: 6fr 1fr; gap: 8px; align-items: center; }
.tile img { display: block; width: 100%; height: auto; image-rendering: pixelated; background: var(--grid); border-radius: 2px; }
.tile img.goal { outline: 2px solid var(--focus); outline-offset: 1px; }
.tile figcaption { font-size: 13px; margin-top: 6px; }
.tile figcaption .soft { display: block; overflow-wrap: anywhere; }
.tile code { display: block; font-size: 11px; color: var(--soft); overflow-wrap: anywhere; margin-top: 2px; }
@media print { .controls, #theme { display: none; } }`;

/** The page at `/`: who is connected and how planning keeps up, from `/status.json` once a second. Nothing is loaded from elsewhere. */
export const statusPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>jepilot serve</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { font: 14px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.2rem; } h2 { font-size: 1rem; margin-top: 2rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
  th { font-weight: 500; opacity: .7; } td.n, th.n { text-align: right; }
  .bad { color: #c0392b; } .good { color: #1e8449; }
</style></head>
<body>
<h1>jepilot serve <span id="state"></span></h1>
<p id="about"></p>
<h2>Robots</h2><div class="scroll"><table id="sessions"></table></div>
<h2>Engines</h2><div class="scroll"><table id="engines"></table></div>
<script>
  const byId = (id) => document.getElementById(id);
  const cell = (row, text, kind) => { const td = row.insertCell(); td.textContent = text; if (kind) td.className = kind; };
  const fixed = (value, digits = 1) => value === null || value === undefined ? '–' : value.toFixed(digits);
  function fill(id, heads, rows, empty) {
    const table = document.createElement('table');
    table.id = id;
    const head = table.createTHead().insertRow();
    for (const [name, kind] of heads) { const th = document.createElement('th'); th.textContent = name; th.className = kind || ''; head.append(th); }
    const body = table.createTBody();
    for (const cells of rows) { const row = body.insertRow(); for (const [text, kind] of cells) cell(row, text, kind); }
    if (rows.length === 0) { const td = body.insertRow().insertCell(); td.colSpan = heads.length; td.textContent = empty; }
    byId(id).replaceWith(table);
  }
  const n = (text) => [text, 'n'];
  function show(s) {
    byId('state').textContent = s.ready ? 'ready' : 'not ready';
    byId('state').className = s.ready ? 'good' : 'bad';
    byId('about').textContent = 'version ' + s.version + ', up ' + Math.floor(s.uptimeSeconds) + ' s';
    fill('sessions', [['robot'], ['protocol'], ['task'], ['planner'], ['state'], ['plans', 'n'], ['failed', 'n'], ['plans/s', 'n'],
      ['plan ms p50', 'n'], ['p99', 'n'], ['queue ms p99', 'n'], ['overhead ms p99', 'n'], ['time to go', 'n'], ['reached']],
      s.sessions.map((x) => [[x.robot + ' (' + x.id + ')'], [x.protocol], [x.task], [x.planner], [x.report ? x.report.state + (x.report.reason ? ': ' + x.report.reason : '') : '–'],
        n(x.plans), n(x.failures), n(fixed(x.planHz)), n(fixed(x.planMs && x.planMs.p50)), n(fixed(x.planMs && x.planMs.p99)),
        n(fixed(x.queueMs && x.queueMs.p99)), n(fixed(x.overheadMs && x.overheadMs.p99, 2)), n(fixed(x.timeToGo)), [x.reached === null ? '–' : x.reached ? 'yes' : 'no']]),
      'no robot is connected');
    fill('engines', [['engine'], ['task'], ['state'], ['']], s.engines.map((e) => [[e.name], [e.task], [e.state, e.state === 'ready' ? 'good' : 'bad'], [e.reason || '']]), 'none');
  }
  async function refresh() {
    try { show(await (await fetch('/status.json')).json()); }
    catch { byId('state').textContent = 'unreachable'; byId('state').className = 'bad'; }
    setTimeout(refresh, 1000);
  }
  refresh();
</script></body></html>
`;

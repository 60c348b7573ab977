/**
 * The page's clock: one present step that the animation, the scrubber, the keyboard and the charts all share.
 * `show(step)` moves it; `watchers` are told.
 */
export const PLAYER_SCRIPT = String.raw`
const run = JSON.parse(document.getElementById('run').textContent);
const byId = (id) => document.getElementById(id);
const watchers = [];
const now = { step: 0, playing: false, since: 0, from: 0, speed: 1 };

const number = (v) => {
  if (v === null || v === undefined) return '–';
  const size = Math.abs(v);
  if (size !== 0 && size < 0.001) return v.toExponential(1);
  return String(Number(v.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)));
};
const inUnit = (v) => (v === null || v === undefined ? '–' : number(v) + (run.unit ? ' ' + run.unit : ''));

/* The index of the last entry of an ascending list that is at most v; -1 before the first. */
const atMost = (list, v) => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= v) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
const planSteps = run.plans.map((plan) => plan.step);
const planAt = (step) => atMost(planSteps, step);

const canvas = byId('camera');
const pen = canvas.getContext('2d');
const sheet = byId('sheet');
const drawFrame = (step) => {
  const { columns, width, height, steps } = run.sheet;
  const i = Math.max(0, atMost(steps, step));
  pen.drawImage(sheet, (i % columns) * width, Math.floor(i / columns) * height, width, height, 0, 0, width, height);
};

const old = (age) => (age === null ? '' : age === 1 ? ', 1 step old' : ', ' + age + ' steps old');
const driver = (step) => {
  const source = run.sources[step];
  const reason = run.reasons[step] ? ': ' + run.reasons[step].replaceAll('-', ' ') : '';
  if (source === undefined) return 'nothing: the run is over';
  if (source === 'p') return 'plan ' + run.planIds[step] + old(run.ages[step]);
  if (source === 't') return 'tail of plan ' + run.planIds[step] + old(run.ages[step]) + reason;
  return 'hold' + reason;
};

const tell = (step) => {
  const plan = run.plans[planAt(step)];
  const seconds = (step * run.period).toFixed(2) + ' s';
  byId('now-step').textContent = step + ' of ' + run.steps + ' (' + seconds + ')';
  byId('now-distance').textContent = inUnit(run.distances[step]);
  byId('now-togo').textContent = plan && plan.toGo !== null ? number(plan.toGo) + ' steps (at plan ' + plan.id + ')' : '–';
  byId('now-driver').textContent = driver(step);
  byId('scrub').value = String(step);
  byId('scrub').setAttribute('aria-valuetext', 'step ' + step + ' of ' + run.steps + ', ' + seconds);
  canvas.setAttribute('aria-label', 'what the camera saw at step ' + step + ' of ' + run.steps);
};

const show = (step) => {
  now.step = Math.min(run.steps, Math.max(0, Math.round(step)));
  drawFrame(now.step);
  tell(now.step);
  watchers.forEach((watch) => watch(now.step));
};

const label = () => {
  byId('play').textContent = now.playing ? '❚❚ Pause' : now.step >= run.steps ? '↻ Again' : '▶ Play';
};
const advance = (time) => {
  if (!now.playing) return;
  const step = Math.floor(now.from + ((time - now.since) / 1000) * (now.speed / run.period));
  if (step !== now.step) show(step);
  if (now.step >= run.steps) pause();
  else requestAnimationFrame(advance);
};
const play = () => {
  if (now.step >= run.steps) show(0);
  now.playing = true;
  now.from = now.step;
  requestAnimationFrame((time) => {
    now.since = time;
    advance(time);
  });
  label();
};
const pause = () => {
  now.playing = false;
  label();
};
/* A person has taken the clock. */
const seek = (step) => {
  pause();
  show(step);
  label();
};
`;

/** Buttons, keys and the theme: everything that a person does to the clock outside the charts. */
export const CONTROLS_SCRIPT = String.raw`
byId('play').addEventListener('click', () => (now.playing ? pause() : play()));
byId('back').addEventListener('click', () => seek(now.step - 1));
byId('next').addEventListener('click', () => seek(now.step + 1));
byId('scrub').addEventListener('input', (event) => seek(Number(event.target.value)));
byId('speed').addEventListener('change', (event) => {
  now.speed = Number(event.target.value);
  if (now.playing) play();
});

const KEYS = {
  ' ': () => (now.playing ? pause() : play()),
  ArrowLeft: (event) => seek(now.step - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => seek(now.step + (event.shiftKey ? 10 : 1)),
  Home: () => seek(0),
  End: () => seek(run.steps),
};
document.addEventListener('keydown', (event) => {
  const busy = event.target.closest('input, select, button, summary, a, .scroll');
  const ours = event.target.id === 'scrub' && event.key === ' ';
  if ((busy && !ours) || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
});

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};
const nameTheme = () => {
  byId('theme').textContent = isDark() ? '☀ Light' : '☾ Dark';
};
byId('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  nameTheme();
  buildCharts();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  nameTheme();
  buildCharts();
});

byId('copy').addEventListener('click', async () => {
  const said = (text) => (byId('copy').textContent = text);
  try {
    await navigator.clipboard.writeText(byId('command').textContent);
    said('Copied');
  } catch {
    getSelection().selectAllChildren(byId('command'));
    said('Selected');
  }
  setTimeout(() => said('Copy'), 1500);
});

nameTheme();
label();
buildCharts();
const begin = () => {
  show(0);
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) play();
};
sheet.decode().then(begin, begin);
`;

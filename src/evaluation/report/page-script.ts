/** The page's own program: theme, and the order of the gallery. The page is whole without it. */
export const PAGE_SCRIPT = String.raw`'use strict';
(() => {
const byId = (id) => document.getElementById(id);
const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};
const nameTheme = () => (byId('theme').textContent = isDark() ? '☀ Light' : '☾ Dark');
byId('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  nameTheme();
});
nameTheme();
const place = byId('gallery');
if (!place) return;
const tiles = [...place.children];
const show = () => {
  const key = byId('sort').value;
  const wanted = byId('show').value;
  const value = (tile) => Number(tile.dataset[key]);
  const order = [...tiles].sort((a, b) => value(a) - value(b) || Number(a.dataset.seed) - Number(b.dataset.seed));
  order.forEach((tile) => {
    tile.hidden = wanted !== '' && tile.dataset.cell !== wanted;
    place.append(tile);
  });
};
byId('sort').addEventListener('change', show);
byId('show').addEventListener('change', show);
})();`;

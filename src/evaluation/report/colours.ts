/**
 * The page's palette by name. Charts are drawn ahead, in colours that nothing else uses; in the finished SVG each becomes
 * the page's CSS variable of that name, so a chart is light or dark with its page.
 */
const names = ['ink', 'soft', 'grid', 'card', 'blue', 'orange', 'green', 'purple', 'gold', 'sky'] as const;
export type ColourName = (typeof names)[number];

const placeholder = (index: number): string => `#0102${(16 + index).toString(16)}`;

export const colour = Object.fromEntries(names.map((name, i) => [name, placeholder(i)])) as Readonly<
  Record<ColourName, string>
>;

/** Colours of series, in order; well apart for colour-blind readers (Okabe and Ito). */
export const seriesColours = ['blue', 'orange', 'green', 'purple', 'gold', 'sky'] as const;

export const seriesColour = (index: number): string => colour[seriesColours[index % seriesColours.length]!];

/** The SVG with variables in place of placeholders. */
export const themed = (svg: string): string =>
  names.reduce((text, name) => text.replaceAll(colour[name], `var(--${name})`), svg);

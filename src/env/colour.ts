/** MJCF `rgba` text of a hue in [0, 1] at a saturation and lightness (HSL). */
export function rgba(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): string => {
    const k = (n + hue * 12) % 12;
    return (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))).toFixed(4);
  };
  return `${channel(0)} ${channel(8)} ${channel(4)} 1`;
}

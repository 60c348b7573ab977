import { SingleBar } from 'cli-progress';

/** Progress of long work on stderr: a bar with rate and ETA on a terminal, a line per tenth elsewhere. */
export interface Progress {
  advance(note?: string): void;
  stop(): void;
}

export function progress(label: string, total: number, unit: string, done = 0): Progress {
  if (!process.stderr.isTTY) return lines(label, total, unit, done);
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} ${unit}  {rate}/s  ETA {eta_formatted}  {note}`,
    hideCursor: true,
    etaBuffer: 50,
    stream: process.stderr,
  });
  const started = performance.now();
  let value = done;
  bar.start(total, done, { rate: '–', note: '' });
  return {
    advance(note = '') {
      value += 1;
      const rate = ((value - done) / ((performance.now() - started) / 1000)).toFixed(1);
      bar.update(value, { rate, note });
    },
    stop: () => bar.stop(),
  };
}

function lines(label: string, total: number, unit: string, done: number): Progress {
  const started = performance.now();
  let value = done;
  return {
    advance(note = '') {
      value += 1;
      const tenth = Math.floor((10 * value) / total);
      if (tenth === Math.floor((10 * (value - 1)) / total)) return;
      const seconds = (performance.now() - started) / 1000;
      const rate = (value - done) / seconds;
      const eta = Math.round((total - value) / rate);
      process.stderr.write(
        `${label} ${value}/${total} ${unit}, ${rate.toFixed(1)}/s, ETA ${eta} s ${note}\n`,
      );
    },
    stop: () => undefined,
  };
}

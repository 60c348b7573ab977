import { writeHdf5 } from '../../dataset/hdf5-writer.ts';
import type { EpisodeRows } from '../../dataset/record-episode.ts';
import { JepilotError } from '../../errors.ts';
import { imageAt, type ExportEpisode } from './episode.ts';

/**
 * Writes episodes in the HDF5 layout of stable-worldmodel: the one that `jepilot collect` writes, with lengths that may
 * differ. Pictures are those of the first camera.
 */
export async function exportHdf5(
  episodes: readonly ExportEpisode[],
  out: string,
  version: string,
): Promise<void> {
  const [first] = episodes;
  const camera = first?.recording.run.cameras[0];
  if (!first || !camera) throw new JepilotError('invalid-value', 'the HDF5 layout needs a camera; use jsonl');
  const { run } = first.recording;
  const factors = Object.keys(run.variation);
  const columns = {
    pixels: [camera.height, camera.width, 3],
    action: [run.action.names.length],
    ...(run.stateNames.length > 0 ? { state: [run.stateNames.length] } : {}),
    ...(factors.length > 0 ? { variation: [factors.length] } : {}),
  };
  function* rows() {
    for (const episode of episodes) yield rowsOf(episode, camera!.name, factors);
  }
  await writeHdf5(out, { columns, provenance: provenanceOf(episodes, version) }, rows());
}

function rowsOf(episode: ExportEpisode, camera: string, factors: readonly string[]): EpisodeRows {
  const { rows, recording } = episode;
  const pixels = rows.map((row) => imageAt(episode, row, camera).data);
  const variation = factors.map((factor) => recording.run.variation[factor] ?? NaN);
  return {
    pixels: Buffer.concat(pixels),
    action: Float32Array.from(rows.flatMap(({ action }) => [...action])),
    state: Float32Array.from(rows.flatMap(({ state }) => [...state])),
    variation: Float32Array.from(rows.flatMap(() => variation)),
  };
}

function provenanceOf(episodes: readonly ExportEpisode[], version: string): Record<string, unknown> {
  const { run } = episodes[0]!.recording;
  return {
    task: run.task,
    version,
    recordings: episodes.map(({ recording }) => ({
      command: recording.run.command,
      started: recording.run.started,
    })),
    episodes: episodes.length,
    controlPeriod: run.controlPeriod,
    cameras: run.cameras,
    actionMinimum: run.action.minimum,
    actionMaximum: run.action.maximum,
    stateNames: run.stateNames,
    factorNames: Object.keys(run.variation),
  };
}

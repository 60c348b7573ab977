import { existsSync, statSync } from 'node:fs';
import { JepilotError } from '../errors.ts';
import { openHdf5 } from './read-hdf5.ts';
import { openLerobot } from './read-lerobot.ts';
import type { RecordedData } from './recorded-data.ts';

/** Opens a recorded data set: an HDF5 file (ours, stable-worldmodel's), or a LeRobot v3 folder. */
export async function openData(path: string): Promise<RecordedData> {
  if (!existsSync(path)) throw new JepilotError('io', `cannot read ${path}: there is no such file or folder`);
  return statSync(path).isDirectory() ? openLerobot(path) : openHdf5(path);
}

import { basename } from 'node:path';
import { openData } from '../../dataset/open-data.ts';
import type { Machine } from '../../evaluation/expand.ts';
import { measureOpenLoop } from '../../evaluation/open-loop/measure.ts';
import type { OpenLoopResult } from '../../evaluation/open-loop/result.ts';
import type { OpenLoopEntry, Suite, TaskEntry } from '../../evaluation/suite.ts';
import { rngOf } from '../../rng.ts';
import { loadWorldModel } from '../../world-model/onnx-world-model.ts';
import { modelFolder } from '../models.ts';
import { loadTask } from '../tasks.ts';
import { modelChecksum } from './settle.ts';

async function modelFolders(suite: Suite, entry: TaskEntry): Promise<string[]> {
  const { name } = await loadTask(entry.task);
  const models = entry.models ?? suite.models;
  if (!models) return [await modelFolder(name, undefined)];
  const names = models.flatMap((model) => (typeof model === 'string' ? [model] : model.models));
  return Promise.all(names.map((model) => modelFolder(name, model)));
}

async function measure(folder: string, entry: OpenLoopEntry, machine: Machine): Promise<OpenLoopResult> {
  await using model = await loadWorldModel(folder, machine);
  await using data = await openData(entry.data);
  const { clips, horizon, samples } = entry;
  const place = basename(entry.data);
  const rng = rngOf('open-loop', model.manifest.name, place);
  process.stderr.write(`open-loop: ${model.manifest.name} on ${place}, ${clips} clips\n`);
  const measured = await measureOpenLoop(model, data, { clips, horizon, samples, place }, rng);
  return { model: model.manifest.name, checksum: modelChecksum(folder), ...measured };
}

/** Every open-loop track of a suite, for each of its models. Minutes at most, so it is measured anew each time. */
export async function openLoopOf(suite: Suite, machine: Machine): Promise<OpenLoopResult[]> {
  const results: OpenLoopResult[] = [];
  for (const entry of suite.tasks) {
    const tracks = (entry.tracks ?? suite.tracks ?? []).flatMap((track) =>
      track.kind === 'open-loop' ? [track.entry] : [],
    );
    for (const track of tracks) {
      for (const folder of await modelFolders(suite, entry))
        results.push(await measure(folder, track, machine));
    }
  }
  return results;
}

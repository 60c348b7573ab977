import { Parts } from '../../dataset/parts.ts';
import { recordEpisode, type CollectionSpec } from '../../dataset/record-episode.ts';
import { loadTask } from '../tasks.ts';
import { drain } from './drain.ts';

/** What a recording worker is started with. */
export interface CollectData {
  readonly task: string;
  readonly spec: CollectionSpec;
  readonly out: string;
}

await drain<CollectData, null>(async ({ task, spec, out }) => {
  const loaded = await loadTask(task);
  const parts = new Parts(out);
  return {
    async run(index) {
      parts.write(index, await recordEpisode(loaded, spec, index));
      return null;
    },
  };
});

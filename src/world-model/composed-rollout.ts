import { JepilotError } from '../errors.ts';
import { extent, reshape } from '../tensor.ts';
import type { GraphRole } from './graph-checks.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
import type { ModelFiles } from './model-files.ts';
import { decodeGraph, type ExportedGraph } from './onnx-inline.ts';
import type { Feed, OnnxSession } from './onnx-session.ts';
import { imaginedBy, partNames, type Parts, type Rollout, type RolloutInput } from './rollout.ts';
import type { RolloutGraphs } from './unroll.ts';

/** What a composed graph takes. */
function feedsOf(manifest: ModelManifest, input: RolloutInput): Record<string, Feed> {
  const { latents, executed, goals, jobOf, actions } = input;
  const [jobs, context] = [extent(latents, 0), extent(latents, 1)];
  const alone = contextOf(manifest) === 1;
  return {
    latent: alone ? reshape(latents, [jobs, manifest.latentDim]) : latents,
    ...(context > 1 && { executed: reshape(executed, [jobs, context - 1, extent(actions, 2)]) }),
    goal: goals,
    job: { shape: [jobOf.length], data: jobOf },
    actions,
  };
}

/** A rollout by one composed graph; outputs that lack or have another number of rows are `bad-model`. */
export const composedRollout =
  (session: OnnxSession, manifest: ModelManifest, parts: Parts): Rollout =>
  async (input) => {
    const result = await session.run(feedsOf(manifest, input));
    const imagined = imaginedBy((name) => result[name]);
    for (const name of partNames(parts)) {
      if (imagined[name]?.shape[0] === extent(input.actions, 0)) continue;
      throw new JepilotError(
        'bad-model',
        `${session.label}: '${name}' is missing or has another number of rows`,
      );
    }
    return imagined;
  };

/** The graphs that a rollout is made of, decoded. A file that is cut short or no graph is `bad-model`. */
export function decodeRollout({ folder, manifest, graphs }: ModelFiles): RolloutGraphs {
  const graph = (role: GraphRole): ExportedGraph | null => {
    const bytes = graphs[role];
    return bytes && decodeGraph(`${folder}/${manifest.graphs[role]?.file ?? role}`, bytes);
  };
  return {
    step: graph('step')!,
    action: graph('action'),
    window: graph('window'),
    metric: graph('metric'),
    metricGoal: graph('metricGoal'),
    ensemble: graph('ensemble'),
  };
}

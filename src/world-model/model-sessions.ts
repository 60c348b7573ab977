import { checkSignature, expectedSignature, type GraphRole } from './graph-checks.ts';
import type { ModelFiles } from './model-files.ts';
import { OnnxSession, type Engine } from './onnx-session.ts';

/** The graphs of a model, each loaded by itself. */
export interface ModelSessions {
  readonly encoder: OnnxSession;
  readonly step: OnnxSession;
  readonly metric: OnnxSession | null;
  readonly metricGoal: OnnxSession | null;
}

/**
 * Loads the graphs of a model and checks each against the manifest; a mismatch is `bad-model`.
 * The probe is checked and let go: planning doesn't use it. On an error nothing stays open.
 */
export async function openSessions(engine: Engine, files: ModelFiles): Promise<ModelSessions> {
  const opened: OnnxSession[] = [];
  const open = async (role: GraphRole): Promise<OnnxSession | null> => {
    const bytes = files.graphs[role];
    if (!bytes) return null;
    const session = await OnnxSession.open(
      engine,
      bytes,
      `${files.folder}/${files.manifest.graphs[role]?.file ?? role}`,
    );
    opened.push(session);
    checkSignature(session, expectedSignature(role, files.manifest));
    return session;
  };
  try {
    const probe = await open('probe');
    await probe?.[Symbol.asyncDispose]();
    return {
      encoder: (await open('encoder'))!,
      step: (await open('step'))!,
      metric: await open('metric'),
      metricGoal: await open('metricGoal'),
    };
  } catch (error) {
    await Promise.allSettled(opened.map((session) => session[Symbol.asyncDispose]()));
    throw error;
  }
}

/** Releases every graph. */
export async function closeSessions({ encoder, step, metric, metricGoal }: ModelSessions): Promise<void> {
  const all = [encoder, step, metric, metricGoal].filter((session) => session !== null);
  await Promise.allSettled(all.map((session) => session[Symbol.asyncDispose]()));
}

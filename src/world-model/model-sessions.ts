import { checkSignature, expectedSignature, type GraphRole } from './graph-checks.ts';
import type { ModelFiles } from './model-files.ts';
import { OnnxSession, type Engine } from './onnx-session.ts';

/** The graphs of a model, each loaded by itself. */
export interface ModelSessions {
  readonly encoder: OnnxSession;
  readonly step: OnnxSession;
  readonly metric: OnnxSession | null;
  readonly metricGoal: OnnxSession | null;
  readonly prior: OnnxSession | null;
  readonly ensemble: OnnxSession | null;
  readonly gradient: OnnxSession | null;
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
    const expected = expectedSignature(role, files.manifest);
    if (expected) checkSignature(session, expected);
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
      prior: await open('prior'),
      ensemble: await open('ensemble'),
      gradient: await open('gradient'),
    };
  } catch (error) {
    await Promise.allSettled(opened.map((session) => session[Symbol.asyncDispose]()));
    throw error;
  }
}

/** Releases every graph. */
export async function closeSessions(sessions: ModelSessions): Promise<void> {
  const all = Object.values(sessions) as (OnnxSession | null)[];
  const open = all.filter((session) => session !== null);
  await Promise.allSettled(open.map((session) => session[Symbol.asyncDispose]()));
}

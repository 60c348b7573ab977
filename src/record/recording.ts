import type { z } from 'zod';
import type { Observation } from '../env/observation.ts';
import { JepilotError, reasonOf } from '../errors.ts';
import { readFacts, ResultFacts, RunFacts } from './about.ts';
import { bodyOf, kindOf, type ChannelKind } from './feed/channels.ts';
import type { ActionBody, EventBody, ImageBody, PlanBody, ProgressBody, StateBody } from './feed/bodies.ts';
import { scanMcap, type Condition } from './mcap/scan.ts';
import type { LogMessage } from './mcap/mcap-log.ts';
import { decodePng } from './png.ts';
import type { Facts } from './recorder.ts';

export type RecordedAction = z.infer<typeof ActionBody>;
export type RecordedPlan = z.infer<typeof PlanBody>;
export type RecordedEvent = z.infer<typeof EventBody>;

/** What was seen at one control step, its pictures still compressed. */
export interface RecordedFrame {
  readonly step: number;
  readonly state: Float32Array;
  /** Files by camera; one that was left out while recording is not there. */
  readonly images: Readonly<Record<string, Uint8Array>>;
}

/** A recording of ours, read whole. */
export interface Recording {
  readonly path: string;
  readonly run: RunFacts;
  /** Null for a recording that was cut before its run ended. */
  readonly result: ResultFacts | null;
  readonly condition: Condition;
  /** What was to be reached; `step` is the control step from which on. */
  readonly goals: readonly RecordedFrame[];
  /** One a control step, in order. */
  readonly frames: readonly RecordedFrame[];
  readonly sent: readonly RecordedAction[];
  readonly plans: readonly RecordedPlan[];
  readonly events: readonly RecordedEvent[];
  readonly progress: readonly z.infer<typeof ProgressBody>[];
}

type DraftFrames = Map<number, { state: Float32Array; images: Record<string, Uint8Array> }>;

interface Draft {
  frames: DraftFrames;
  goals: DraftFrames;
  sent: RecordedAction[];
  plans: RecordedPlan[];
  events: RecordedEvent[];
  progress: z.infer<typeof ProgressBody>[];
}

/** Reads a recording that JEPilot wrote, a cut one as far as it goes. Throws JepilotError('bad-file'). */
export async function readRecording(path: string): Promise<Recording> {
  const draft: Draft = { frames: new Map(), goals: new Map(), sent: [], plans: [], events: [], progress: [] };
  const metadata = new Map<string, Facts>();
  let condition: Condition | null = null;
  for await (const item of scanMcap(path)) {
    if (item.kind === 'end') ({ condition } = item);
    else if (item.kind === 'metadata') metadata.set(item.name, item.facts);
    else take(draft, item.message, path);
  }
  const run = metadata.get('run');
  if (!run || !condition) {
    throw new JepilotError('bad-file', `${path} is no recording of JEPilot: it has no metadata 'run'`);
  }
  const result = metadata.get('result');
  return {
    path,
    run: readFacts(RunFacts, 'run', run, path),
    result: result ? readFacts(ResultFacts, 'result', result, path) : null,
    condition,
    ...draft,
    goals: framesOf(draft.goals),
    frames: framesOf(draft.frames),
  };
}

const framesOf = (drafts: DraftFrames): RecordedFrame[] =>
  [...drafts].map(([step, frame]) => ({ step, ...frame })).sort((a, b) => a.step - b.step);

function take(draft: Draft, message: LogMessage, path: string): void {
  const { topic } = message;
  const kind = kindOf(topic);
  if (kind === undefined || kind === 'link') return; // what others have added is theirs
  const body = parse(kind, message, path);
  if (kind === 'state' || kind === 'image')
    see(topic.startsWith('/goal') ? draft.goals : draft.frames, message, body);
  if (topic === '/action/sent') draft.sent.push(body as RecordedAction);
  if (kind === 'plan') draft.plans.push(body as RecordedPlan);
  if (kind === 'event') draft.events.push(body as RecordedEvent);
  if (kind === 'progress') draft.progress.push(body as Draft['progress'][number]);
}

function parse(kind: ChannelKind, { topic, sequence, data }: LogMessage, path: string): unknown {
  const place = `${path}: ${topic} at step ${sequence}`;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw new JepilotError('bad-file', `${place} is no JSON: ${reasonOf(cause)}`, { cause });
  }
  const parsed = bodyOf(kind).safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new JepilotError(
    'bad-file',
    `${place}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  );
}

function see(frames: DraftFrames, { sequence, topic }: LogMessage, body: unknown): void {
  const frame = frames.get(sequence) ?? { state: new Float32Array(0), images: {} };
  frames.set(sequence, frame);
  if (kindOf(topic) === 'state') {
    const { joints } = body as z.infer<typeof StateBody>;
    frame.state = Float32Array.from(joints, ({ position }) => position);
  } else {
    const { frame_id, data } = body as z.infer<typeof ImageBody>;
    frame.images[frame_id] = Buffer.from(data, 'base64');
  }
}

/** A recorded frame with its pictures unpacked. Throws JepilotError('bad-file') where a picture of a camera is missing or broken. */
export function observationOf({ path, run }: Recording, frame: RecordedFrame): Observation {
  const images = run.cameras.map((camera) => {
    const file = frame.images[camera.name];
    const place = `${path}: camera '${camera.name}' at step ${frame.step}`;
    if (!file) throw new JepilotError('bad-file', `${place} is missing: it was left out while recording`);
    return [camera.name, decodePng(file, camera, place)] as const;
  });
  const { step, state } = frame;
  return { step, time: step * run.controlPeriod, images: Object.fromEntries(images), state };
}

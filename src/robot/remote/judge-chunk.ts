import type { MessageOf } from '../../wire/robot-messages.ts';

/** What a robot makes of a chunk, as it acknowledges it. */
export type Verdict = MessageOf<'ack'>['result'];

type Asked = Pick<MessageOf<'observation'>, 'epoch' | 'frames' | 'committed'>;

/** Whether a chunk is the answer to what was asked: the epoch, the shape, the committed prefix bit for bit, finite rows. */
export function judgeChunk(chunk: MessageOf<'chunk'>, asked: Asked): Verdict {
  const { actions, committed, startStep, epoch } = chunk;
  const [wanted = 0, dim = 0] = asked.committed.shape;
  const [rows = 0, width = 0] = actions.shape;
  if (epoch !== asked.epoch) return 'epoch';
  if (width !== dim || rows < committed) return 'shape';
  if (committed !== wanted || startStep !== asked.frames.at(-1)?.step) return 'prefix';
  for (let i = 0; i < committed * dim; i++) if (actions.data[i] !== asked.committed.data[i]) return 'prefix';
  for (const value of actions.data) if (!Number.isFinite(Number(value))) return 'not-finite';
  return 'accepted';
}

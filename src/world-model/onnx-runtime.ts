import type * as OnnxRuntime from 'onnxruntime-node';
import { JepilotError, reasonOf } from '../errors.ts';

/** The ONNX Runtime module. It has native parts, so it is loaded when a model is, and never before. */
export type Runtime = typeof OnnxRuntime;

/** Loads ONNX Runtime. A missing or broken install is a `provider` error that names the remedy. */
export async function loadRuntime(
  load: () => Promise<Runtime> = () => import('onnxruntime-node'),
): Promise<Runtime> {
  try {
    return await load();
  } catch (cause) {
    throw new JepilotError(
      'provider',
      `onnxruntime-node does not load (${firstLine(cause)}); install it with ` +
        'ONNXRUNTIME_NODE_INSTALL=skip npm i onnxruntime-node',
      { cause },
    );
  }
}

/** The first line of what the native side says, without the source locations that it puts in front. */
export function firstLine(thrown: unknown): string {
  const line = reasonOf(thrown).trim().split('\n', 1)[0] ?? '';
  return line.replace(/^.* was false\. /, '').trim() || 'no reason given';
}

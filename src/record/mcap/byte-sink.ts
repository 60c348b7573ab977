import { open } from 'node:fs/promises';
import { JepilotError, reasonOf } from '../../errors.ts';

/** A file that only grows, or what stands for one in a test. */
export interface ByteSink {
  /** Appends all of it; when it throws, some of it may have been written. */
  write(bytes: Uint8Array): Promise<void>;
  /** Returns once what was written survives the machine's end. */
  sync(): Promise<void>;
  /** Cuts off what lies behind `length` bytes. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes a new file. Throws JepilotError('io') where it exists or can't be made. */
export async function fileSink(path: string): Promise<ByteSink> {
  const file = await open(path, 'wx').catch((cause: unknown) => {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = exists
      ? 'it exists; name a new file, so that no recording is overwritten'
      : reasonOf(cause);
    throw new JepilotError('io', `cannot write ${path}: ${reason}`, { cause });
  });
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    },
    sync: () => file.datasync(),
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  };
}

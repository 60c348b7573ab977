/** What went wrong, as a literal that callers can switch on. */
export type ErrorCode =
  | 'unknown-name'
  | 'invalid-value'
  | 'out-of-range'
  | 'shape-mismatch'
  | 'bad-file'
  | 'bad-model'
  | 'bad-state'
  /** A frame or message of a peer that can't be understood. */
  | 'bad-message'
  /** What a peer may not do: token, origin, rate, too many sessions. */
  | 'refused'
  /** A peer that can't be reached, or that was lost. */
  | 'link'
  | 'provider'
  | 'io';

/** Every failure that a user can cause or meet: one line that names the value, the place and the remedy. */
export class JepilotError extends Error {
  override readonly name = 'JepilotError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything thrown, for the end of an error line. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** What crosses a thread or a socket in place of an error object. */
export interface ErrorData {
  readonly code: ErrorCode | null;
  readonly message: string;
}

export const toErrorData = (thrown: unknown): ErrorData => ({
  code: thrown instanceof JepilotError ? thrown.code : null,
  message: reasonOf(thrown),
});

export const fromErrorData = (data: ErrorData): Error =>
  data.code === null ? new Error(data.message) : new JepilotError(data.code, data.message);

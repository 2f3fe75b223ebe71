/** What went wrong, for programs; the message is for people. */
export type StaticErrorCode =
  | 'missing-file'
  | 'missing-reference'
  | 'duplicate-name'
  | 'broken-manifest'
  | 'bad-setting'
  | 'unreadable-source'
  | 'unwritable-target';

/** A fault in files or settings that somebody has to mend; its message says which, and how. */
export class StaticError extends Error {
  readonly code: StaticErrorCode;

  constructor(code: StaticErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StaticError';
    this.code = code;
  }
}

/** The system's code of an error (`ENOENT`), or an empty text. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

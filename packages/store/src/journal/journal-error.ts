import { type Code, codes } from '../codes.ts';

export class JournalError extends Error {
  override readonly name: string = 'JournalError';
  readonly code: Code;

  /** `place` names the file, with the offset where there is one. */
  constructor(code: Code, place: string, cause?: unknown) {
    super(`${place}: ${codes[code]}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

import { type Code, codes } from './codes.ts';
import type { Precondition } from './store.ts';

export class StoreError extends Error {
  override readonly name: string = 'StoreError';
  readonly code: Code;
  /** Of `store.conflict`: what did not hold. */
  readonly precondition: Precondition | undefined;

  /** `subject` is the path, revision or folder it is about. */
  constructor(
    code: Code,
    subject: string,
    { cause, precondition }: { cause?: unknown; precondition?: Precondition } = {},
  ) {
    super(`${subject}: ${codes[code]}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.precondition = precondition;
  }
}

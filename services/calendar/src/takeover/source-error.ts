/** Why another server’s data cannot be read: all of it, or one file, which is then left where it is. */

export const codes = {
  'takeover.source': 'the folder holds no data of the server that was named',
  'takeover.git': 'git cannot read a repository',
  'takeover.format': 'a file of the other server is not written as that server writes it',
} as const;

export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: keyof typeof codes;

  constructor(code: keyof typeof codes, message: string) {
    super(message);
    this.code = code;
  }
}

/** Its sentence; what is no SourceError is a bug, or the disk, and goes on. */
export function sentenceOf(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  throw error;
}

/** What can go wrong here, for docs/errors.md. */
export const codes = {
  'storage.not-ready':
    'the index of the calendars is being built from their history; come back in a moment',
  'storage.closed': 'the calendars have been closed',
  'storage.format':
    'a file that describes a collection or a member is not in order; where it comes from is said',
} as const;

export type Code = keyof typeof codes;

export class StorageError extends Error {
  readonly code: Code;

  constructor(code: Code, about: string, options?: ErrorOptions) {
    super(`${codes[code]} (${about})`, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

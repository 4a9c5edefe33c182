/** What cannot be done with accounts, for people. */

export const codes = {
  'account.name': 'a name is not one that an account can have',
  'account.exists': 'there is an account of that name, or with that address, already',
  'account.unknown': 'there is no such account',
  'account.password': 'a password is too short or too long',
  'account.limit': 'there are as many of something as there may be',
  'account.database': 'the file of accounts cannot be used',
} as const;

export type AccountCode = keyof typeof codes;

export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly code: AccountCode;

  constructor(code: AccountCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What is wrong with octets (or text) from outside, by code and place. Inside the decoders it is
 * thrown; at the boundary it becomes the error of a `Result`. Callers match on `code`, never on text.
 */
export class DecodeError extends Error {
  override readonly name: string = 'DecodeError';
  readonly code: string;
  /** Where in the octets given to the decoder, counted from 0. */
  readonly offset: number;

  constructor(code: string, offset: number, detail: string) {
    super(`${code} at octet ${offset}: ${detail}`);
    this.code = code;
    this.offset = offset;
  }
}

/** The codes this package raises itself. */
export const codes = {
  'octets.short': 'the octets end inside a field',
  'octets.trailing': 'octets are left over after the last field',
  'hex.digit': 'not a hexadecimal digit',
  'hex.odd': 'an odd number of hexadecimal digits',
  'base64.digit': 'not a base64 digit',
  'base64.length': 'base64 text ends inside a group or is padded wrongly',
  'base64.bits': 'the unused bits of the last base64 digit are not zero',
  'base32hex.digit': 'not a base32hex digit',
  'base32hex.length': 'base32hex text ends inside a group or is padded wrongly',
  'base32hex.bits': 'the unused bits of the last base32hex digit are not zero',
  'utf8.malformed': 'not UTF-8',
} as const;

/** The path of an included file: below the folder of the zones, and written in only one way. */
import { DecodeError } from '@riad/octets/decode-error';
import { decodeUtf8 } from '@riad/octets/utf8';
import type { Scanner } from './scanner.ts';

/** The path in the current token, or fails there. */
export function includePath(scanner: Scanner): string {
  let path: string;
  try {
    path = decodeUtf8(scanner.buffer.subarray(scanner.start, scanner.end));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    scanner.fail('zonefile.include-path', 'The path is not UTF-8.');
  }
  if (path.startsWith('/')) {
    scanner.fail('zonefile.include-path', 'The path must be relative to the folder of the zones.');
  }
  if (
    path.includes('\\') ||
    path.split('/').some((step) => step === '' || step === '.' || step === '..')
  ) {
    scanner.fail(
      'zonefile.include-path',
      'The path must be names with "/" between them, without "." or ".." among them.',
    );
  }
  return path;
}

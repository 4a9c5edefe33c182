/** A key in one word, as command lines take it: `name:ALG:base64`, such as `k._update.example:SHA256:…`. */
import { formatBase64, parseBase64 } from '@riad/octets/base64';
import { DecodeError } from '@riad/octets/decode-error';
import { codes } from '../codes.ts';
import { canonicalName, formatName, parseName } from '../name.ts';
import { hmacAlgorithms, hmacOfArgument } from './hmac.ts';
import type { TsigKey } from './tsig-key.ts';

/** Throws DecodeError for what is none; its words never repeat the secret. */
export function parseKeyArgument(text: string): TsigKey {
  const [name = '', word = '', base64 = '', ...more] = text.split(':');
  if (more.length > 0 || base64 === '') fail('tsig.argument', 0);
  const algorithm = hmacOfArgument(word);
  if (algorithm === undefined) fail('tsig.argument-algorithm', name.length + 1);
  const owner = canonicalName(parseName(name.endsWith('.') ? name : `${name}.`));
  return { name: owner, algorithm, secret: parseBase64(base64) };
}

/** The name is written without its final dot. */
export function formatKeyArgument({ name, algorithm, secret }: TsigKey): string {
  const { argument } = hmacAlgorithms[algorithm];
  return `${formatName(name).slice(0, -1)}:${argument}:${formatBase64(secret)}`;
}

function fail(code: 'tsig.argument' | 'tsig.argument-algorithm', offset: number): never {
  throw new DecodeError(code, offset, codes[code]);
}

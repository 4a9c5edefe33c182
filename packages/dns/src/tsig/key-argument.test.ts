import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName } from '../name.ts';
import { formatKeyArgument, parseKeyArgument } from './key-argument.ts';

const base64 = 'c2VjcmV0IG9mIDE2IG9jdGV0cw==';

for (const [word, algorithm] of [
  ['SHA1', 'hmac-sha1'],
  ['SHA224', 'hmac-sha224'],
  ['SHA256', 'hmac-sha256'],
  ['SHA384', 'hmac-sha384'],
  ['SHA512', 'hmac-sha512'],
] as const) {
  test(`${word}: there and back`, () => {
    const text = `k._update.example:${word}:${base64}`;
    const key = parseKeyArgument(text);
    assert.equal(key.algorithm, algorithm);
    assert.equal(formatName(key.name), 'k._update.example.');
    assert.equal(Buffer.from(key.secret).toString(), 'secret of 16 octets');
    assert.equal(formatKeyArgument(key), text);
  });
}

test('the number of the algorithm, a final dot and capitals in the name', () => {
  const key = parseKeyArgument(`K._update.Example.:163:${base64}`);
  assert.equal(formatKeyArgument(key), `k._update.example:SHA256:${base64}`);
});

describe('refused, and the secret is not repeated', () => {
  for (const [text, code] of [
    ['', 'tsig.argument'],
    ['k._update.example', 'tsig.argument'],
    [`k._update.example:${base64}`, 'tsig.argument'],
    ['k._update.example:SHA256:', 'tsig.argument'],
    [`k:SHA256:${base64}:x`, 'tsig.argument'],
    [`k:sha256:${base64}`, 'tsig.argument-algorithm'],
    [`k:MD5:${base64}`, 'tsig.argument-algorithm'],
    [`k:157:${base64}`, 'tsig.argument-algorithm'],
    [`k:0163:${base64}`, 'tsig.argument-algorithm'],
    [`a..b:SHA256:${base64}`, 'name.empty-label'],
    ['k:SHA256:c2VjcmV0!', 'base64.length'],
    ['k:SHA256:c2Vj!mV0', 'base64.digit'],
  ] as const) {
    test(text, () => {
      assert.throws(
        () => parseKeyArgument(text),
        (error: Error) => {
          assert.equal((error as Error & { code: string }).code, code);
          assert.doesNotMatch(error.message, /c2Vj/);
          return true;
        },
      );
    });
  }
});

/** The registry, and the table of record types in docs/rfc-coverage.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codes } from '../codes.ts';
import { formatRecordType, parseRecordType } from '../iana/record-types.ts';
import { recordTypeOf, recordTypes } from './registry.ts';

test('the documents list the same record types, numbers and references', () => {
  const page = readFileSync(new URL('../../../../docs/rfc-coverage.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((part) => part.startsWith('Record types'));
  const documented = [...(section ?? '').matchAll(/^\| (\S+) +\| (\d+) +\| ([^|]+?) +\|/gm)].map(
    ([, mnemonic, code, reference]) => `${mnemonic} ${code} ${reference}`,
  );
  assert.deepEqual(
    documented,
    recordTypes.map(({ mnemonic, code, reference }) => `${mnemonic} ${code} ${reference}`),
  );
});

test('mnemonics and numbers are those of the IANA registry, each once', () => {
  for (const { code, mnemonic } of recordTypes) {
    assert.equal(parseRecordType(mnemonic.toLowerCase()), code);
    assert.equal(formatRecordType(code), mnemonic);
    assert.equal(recordTypeOf(code).mnemonic, mnemonic);
  }
  assert.equal(new Set(recordTypes.map(({ code }) => code)).size, recordTypes.length);
});

test('RFC 3597 §5: TYPEnnn for any number', () => {
  assert.equal(parseRecordType('type65280'), 65_280);
  assert.equal(parseRecordType('TYPE1'), 1);
  assert.equal(formatRecordType(65_280), 'TYPE65280');
  for (const text of ['TYPE', 'TYPE65536', 'TYPE-1', 'TYPE1x', 'TYP1', '', '1', 'Ä']) {
    assert.equal(parseRecordType(text), undefined, text);
  }
  assert.equal(recordTypeOf(65_280), recordTypeOf(65_280));
});

test('codes are sentences without a full stop', () => {
  for (const [code, sentence] of Object.entries(codes)) {
    assert.match(code, /^[a-z]+\.[a-z0-9-]+$/);
    assert.match(sentence, /[^.]$/);
  }
});

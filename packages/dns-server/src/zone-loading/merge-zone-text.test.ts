import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, parseName } from '@riad/dns/name';
import { octetsFromText, textFromOctets } from '@riad/octets/ascii';
import { mergeZoneTexts } from './merge-zone-text.ts';

const base = `$TTL 300
@ SOA ns host 10 2h 1h 2w 60 ; serial
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
mail A 192.0.2.3 ; the old one
`;

function merge(ours: string, theirs: string): string | readonly string[] {
  const merged = mergeZoneTexts(
    { base: octetsFromText(base), ours: octetsFromText(ours), theirs: octetsFromText(theirs) },
    'example',
    parseName('example.'),
    (owner, type) => `${formatName(owner)} ${type}`,
  );
  return merged.kind === 'merged' ? textFromOctets(merged.text) : merged.sentences;
}
const raised = (text: string, serial: number): string => text.replace(' 10 ', ` ${serial} `);

describe('two texts that both come from a third', () => {
  test('changes of different RRsets are both there, with their comments and a newer serial', () => {
    assert.equal(
      merge(
        raised(`${base}new 60 A 192.0.2.9\n`, 11),
        base.replace('192.0.2.3 ; the old one', '192.0.2.7 ; a new one'),
      ),
      raised(
        `${base.replace('192.0.2.3 ; the old one', '192.0.2.7 ; a new one')}new 60 A 192.0.2.9\n`,
        12,
      ),
    );
  });

  test('what we took away is gone, and what they changed nearby stays', () => {
    assert.equal(
      merge(raised(base.replace('www A 192.0.2.2\n', ''), 11), raised(`; hello\n${base}`, 30)),
      raised(`; hello\n${base.replace('www A 192.0.2.2\n', '')}`, 31),
    );
  });

  test('the same change on both sides is one', () => {
    const changed = base.replace('192.0.2.2', '192.0.2.8');
    assert.equal(merge(raised(changed, 11), raised(changed, 12)), raised(changed, 13));
  });

  test('different changes of one RRset are a conflict that is named', () => {
    assert.deepEqual(
      merge(base.replace('192.0.2.2', '192.0.2.8'), base.replace('192.0.2.2', '192.0.2.9')),
      ['www.example. 1 was changed on both sides'],
    );
  });

  test('gone on one side and changed on the other is a conflict', () => {
    const [sentence] = merge(
      base.replace('www A 192.0.2.2\n', ''),
      base.replace('www A', 'www 60 A'),
    );
    assert.equal(sentence, 'www.example. 1 was changed on both sides');
  });

  test('their timers, our records', () => {
    assert.equal(
      merge(raised(`${base}new 60 A 192.0.2.9\n`, 11), base.replace(' 2w 60', ' 2w 30')),
      raised(`${base.replace(' 2w 60', ' 2w 30')}new 60 A 192.0.2.9\n`, 12),
    );
  });

  test('a text that cannot be read is a conflict', () => {
    assert.equal(typeof merge(base, `${base}broken A x\n`), 'object');
  });
});

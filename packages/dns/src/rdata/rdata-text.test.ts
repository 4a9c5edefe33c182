/** Text to wire to text for every type, by examples: ours, and those of the RFCs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { examples } from '../testing/rdata-examples.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { recordTypes } from './registry.ts';

test('there is an example of every type', () => {
  const missing = recordTypes.map((type) => type.mnemonic).filter((name) => !examples.has(name));
  assert.deepEqual(missing, ['NULL']); // it has no text of its own
});

for (const [mnemonic, texts] of examples) {
  describe(mnemonic, () => {
    const type = typeOf(mnemonic);
    for (const [text, hex] of texts) {
      test(text.length > 60 ? `${text.slice(0, 60)}…` : text, () => {
        const wire = rdataOf(mnemonic, text);
        if (hex !== undefined) assert.equal(formatHex(wire), hex.replaceAll(' ', ''));

        const printed = type.format(wire);
        assert.ok(!printed.startsWith('\\#'), printed);
        assert.deepEqual(rdataOf(mnemonic, printed), wire, 'text → wire → text → wire');

        const value = type.decode(new Reader(wire));
        const again = new Writer(8);
        type.encode(value, again);
        assert.deepEqual(again.copy(), wire, 'wire → value → wire');

        const checked = new Reader(wire);
        type.check(checked);
        assert.equal(checked.remaining, 0);

        const generic = `\\# ${wire.length} ${formatHex(wire)}`;
        assert.deepEqual(rdataOf(mnemonic, generic), wire, 'RFC 3597 §5 also for known types');

        const expanded = new Writer(8);
        type.decompress(new Reader(wire), expanded);
        assert.deepEqual(expanded.copy(), wire, 'nothing to decompress');
        assert.equal(type.canonical(wire).length, wire.length);

        for (let length = 0; length < wire.length; length++) {
          assert.doesNotThrow(() => type.format(wire.subarray(0, length)), 'formatting is total');
        }
      });
    }
  });
}

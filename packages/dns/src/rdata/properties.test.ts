/**
 * Three properties of every record type, over octets near to real ones: reading is total and checks
 * what decoding checks; what is accepted survives text, value and copying octet for octet.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DecodeError } from '@riad/octets/decode-error';
import { formatHex } from '@riad/octets/hex';
import { Reader } from '@riad/octets/reader';
import { Random, seed } from '@riad/octets/testing/random';
import { Writer } from '@riad/octets/writer';
import { randomMutation } from '../testing/random-message.ts';
import { examples } from '../testing/rdata-examples.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';

const runs = 400; // for each type

describe(`RIAD_SEED=${seed}`, () => {
  for (const [mnemonic, texts] of examples) {
    test(mnemonic, () => {
      const type = typeOf(mnemonic);
      const random = new Random();
      const originals = texts.map(([text]) => rdataOf(mnemonic, text));
      let accepted = 0;
      for (let run = 0; run < runs; run++) {
        const original = random.pick(originals);
        const octets =
          run < originals.length
            ? originals[run]!
            : random.chance(0.1)
              ? random.octets(random.below(40))
              : randomMutation(original.length === 0 ? random.octets(4) : original, random);
        const refusedCheck = refusal(() => type.check(new Reader(octets)));
        const refusedValue = refusal(() => type.decode(new Reader(octets)));
        assert.equal(refusedCheck, refusedValue, `check and decode of ${formatHex(octets)}`);
        const text = type.format(octets);
        assert.equal(typeof text, 'string');
        if (refusedCheck !== undefined) continue;
        accepted++;

        const value = new Writer(8);
        type.encode(type.decode(new Reader(octets)), value);
        assert.deepEqual(value.copy(), octets, `value of ${text}`);

        const copied = new Writer(8);
        type.decompress(new Reader(octets), copied);
        assert.deepEqual(copied.copy(), octets, `copy of ${text}`);

        const parsed = rdataOf(mnemonic, text);
        assert.deepEqual(parsed, octets, `text ${text} of ${formatHex(octets)}`);

        const canonical = type.canonical(octets);
        assert.equal(canonical.length, octets.length);
        assert.deepEqual(type.canonical(canonical), canonical, 'canonical form is a fixpoint');
      }
      assert.ok(accepted >= originals.length);
    });
  }
});

/** The code of the refusal; anything but a DecodeError is a bug and escapes. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error.code;
    throw error;
  }
}

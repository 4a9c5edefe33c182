import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sipHash24, sipKey } from './siphash.ts';

describe('SipHash-2-4, appendix A of the paper', () => {
  const key = sipKey(Uint8Array.from({ length: 16 }, (_, i) => i));
  const input = Uint8Array.from({ length: 64 }, (_, i) => i);
  for (const [length, expected] of [
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [7, '37d1018bf50002ab'],
    [8, '6224939a79f5f593'],
    [15, 'e545be4961ca29a1'],
    [63, '724506eb4c328a95'],
  ] as const) {
    test(`${length} octets`, () => {
      const out = new Uint8Array(8);
      sipHash24(key, input, 0, length, out, 0);
      assert.equal(out.toHex(), expected);
    });
  }
});

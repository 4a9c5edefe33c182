import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from './engine.ts';
import { chunkOctets, maxWholeOctets, multistatus } from './multistatus.ts';
import type { XmlWriter } from './xml/xml-writer.ts';

/** All that an answer needs of one. */
const engine = { pause: async () => {} } as Engine;
const response = `<D:response>${'x'.repeat(1000)}</D:response>`;

async function* responses(out: XmlWriter, count: number): AsyncGenerator<number, void> {
  for (let i = 0; i < count; i++) {
    out.raw(response);
    yield 1;
  }
}

for (const [count, isWhole] of [
  [0, true],
  [1, true],
  [Math.floor((maxWholeOctets - chunkOctets) / response.length), true],
  [Math.ceil((maxWholeOctets + 2 * chunkOctets) / response.length), false],
  [1000, false],
] as const)
  test(`${count} responses are given ${isWhole ? 'whole' : 'in pieces'}, and all of them once`, async () => {
    const { status, body } = await multistatus(engine, (out) => responses(out, count));
    assert.equal(status, 207);
    assert.equal(body instanceof Uint8Array, isWhole);
    const pieces = body instanceof Uint8Array ? [body] : await Array.fromAsync(body!);
    const text = Buffer.concat(pieces).toString();
    assert.equal(text.split(response).length - 1, count);
    assert.match(text, /^<\?xml [^>]*>\s*<D:multistatus[^>]*>.*<\/D:multistatus>$/s);
    for (const { length } of isWhole ? [] : pieces) assert.ok(length < 2 * chunkOctets);
  });

test('a long answer is begun before all of it is made, and what makes it ends with it', async () => {
  let made = 0;
  let ended = false;
  async function* counted(out: XmlWriter): AsyncGenerator<number, void> {
    try {
      for await (const units of responses(out, 10_000)) {
        made++;
        yield units;
      }
    } finally {
      ended = true;
    }
  }
  const { body } = await multistatus(engine, counted);
  assert.ok(!(body instanceof Uint8Array) && body !== undefined);
  assert.ok(made * response.length < maxWholeOctets + 2 * chunkOctets, `${made} made`);
  for await (const _ of body) break;
  assert.ok(ended);
});

/** Who may ask where `access.query` says so, by address and by key; the roads: interop/dns/authoritative/askers.test.ts. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Rcode } from '@riad/dns/iana/rcodes';
import type { Message } from '@riad/dns/message';
import { addressRules, askersOf } from '@riad/name-server/access/address-rules';
import { exchange, question } from '@riad/name-server/testing/asking';
import { schema } from './config.ts';
import { House, type Running, zoneText } from './testing/running-service.ts';
import { key, keyLine, signed, update } from './testing/update-client.ts';
import { wholeZone } from './testing/whole-zone.ts';

let house: House;
let running: Running | undefined;
beforeEach(() => {
  house = new House();
  house.write('example.com', zoneText(1, '192.0.2.1'));
  house.write('example.net', zoneText(1, '192.0.2.2'));
  house.write('_keys', keyLine);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  house.remove();
});

async function run(access: Record<string, unknown>): Promise<Running> {
  running = await house.run({ access });
  await running.untilZone('example.com.', (zone) => zone?.state === 'served');
  await running.untilZone('example.net.', (zone) => zone?.state === 'served');
  return running;
}

function told({ rcode, answers, edns }: Message): string {
  const details = (edns?.options ?? [])
    .filter(({ code }) => code === 15)
    .map(({ octets }) => (octets[0]! << 8) | octets[1]!);
  return `rcode ${rcode}, ${answers.length} answers${details.length > 0 ? `, error ${details.join()}` : ''}`;
}

const answered = `rcode ${Rcode.NOERROR}, 1 answers`;
const prohibited = `rcode ${Rcode.REFUSED}, 0 answers, error 18`;
const expire = [{ code: 9, octets: new Uint8Array(0) }];

describe('access.query', { timeout: 60_000 }, () => {
  test('who is not listed is refused, but for what a key of his says', async () => {
    const names = await run({ query: ['192.0.2.0/24'] });
    const plain = async (name: string, type = 'A', options = expire.slice(1)): Promise<string> =>
      told(await exchange(names.port, question(name, type, options)));
    const withKey = async (name: string, type = 'A', by = key): Promise<string> =>
      told(await exchange(names.port, signed(question(name, type, []), by).octets));
    assert.equal(await plain('www.example.com.'), prohibited);
    assert.equal(await plain('example.com.', 'SOA'), prohibited);
    assert.equal(await plain('example.com.', 'SOA', expire), prohibited);
    assert.equal(await plain('nobody.example.'), prohibited, 'nor whose a name is');
    assert.equal(await names.data('www.example.com', 'A', 'tcp'), `rcode ${Rcode.REFUSED}`);
    // The right of a key is for its zone.
    assert.equal(await withKey('www.example.com.'), answered);
    assert.equal(await withKey('example.com.', 'SOA'), answered);
    assert.equal(await withKey('www.example.net.'), prohibited);
    assert.equal(await withKey('example.net.', 'SOA'), prohibited);
    assert.equal(await withKey('nobody.example.', 'SOA'), prohibited);
    // That a key has changed something gives its address nothing.
    assert.equal(await update(names.port, 'example.com.', 'new 60 A 192.0.2.9'), Rcode.NOERROR);
    assert.equal(await plain('new.example.com.'), prohibited);
    assert.equal(await withKey('new.example.com.'), answered);
  });

  test('who may transfer without a key may ask; who may update or notify need not', async () => {
    let names = await run({ query: [], transfer: ['127.0.0.1'] });
    assert.equal(await names.data('www.example.com'), '192.0.2.1');
    assert.equal(
      (await wholeZone({ name: 'riad', address: '127.0.0.1', port: names.port }, 'example.com.'))
        .serial,
      1,
    );
    await names.stop();
    running = undefined;
    names = await run({ query: [], update: ['127.0.0.1'], notify: ['127.0.0.1'] });
    assert.equal(await names.data('www.example.com'), `rcode ${Rcode.REFUSED}`);
  });

  test('without it everybody may ask, and nothing is looked up', async () => {
    const { access } = schema.parse({ zones: { folder: 'zones' } });
    assert.equal(askersOf(access), undefined);
    assert.equal(addressRules(access).query.length, 2);
    assert.throws(
      () => schema.parse({ zones: { folder: 'zones' }, access: { query: ['192.0.2.1/24'] } }),
      /no address/,
    );
  });
});

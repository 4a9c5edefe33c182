/** What a restart serves when the source is gone, and which snapshots it believes. */
import assert from 'node:assert/strict';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { House, manyHosts, type Running, until, zoneText } from './testing/running-service.ts';

let house: House;
let running: Running | undefined;
beforeEach(() => {
  house = new House();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  house.remove();
});

async function run(): Promise<Running> {
  await running?.stop();
  running = await house.run();
  return running;
}

const answeringFrom = (names: Running): string =>
  (names.saidAbout('answering')[0]!.fields as { from: string }).from;
const complaints = (names: Running): string =>
  names
    .saidAbout('loader complains')
    .map(({ fields }) => (fields as { text: string }).text)
    .join('\n');

describe('over a restart', { timeout: 120_000 }, () => {
  test('the last good version is served from the first moment, whatever became of the files', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1', manyHosts(100)));
    house.write('broken.example', zoneText(1, '192.0.2.2'));
    let names = await run();
    await names.becomes('www.example.com', 'A', '192.0.2.1');
    await names.becomes('www.broken.example', 'A', '192.0.2.2');
    house.write('broken.example', 'nonsense\n');
    house.write('example.com', zoneText(2, '192.0.2.3'));
    await names.untilZone('broken.example.', (zone) => zone?.trouble === 'refused');
    await names.untilZone('example.com.', (zone) => zone?.trouble === 'held');

    names = await run();
    assert.equal(await names.data('www.broken.example'), '192.0.2.2');
    assert.equal(await names.data('www.example.com'), '192.0.2.1');
    await names.untilZone('broken.example.', (zone) => zone?.trouble === 'refused');
    await names.untilZone('example.com.', (zone) => zone?.trouble === 'held');

    rmSync(join(house.zones, 'broken.example'));
    rmSync(join(house.zones, 'example.com'));
    names = await run();
    assert.equal(await names.data('www.broken.example'), '192.0.2.2');
    await names.untilZone('example.com.', (zone) => zone?.trouble === 'missing');
    await names.command('zone-remove', 'example.com');
    names = await run();
    assert.equal(await names.data('www.example.com'), 'rcode 5', 'removed stays removed');
    assert.equal(await names.data('www.broken.example'), '192.0.2.2');
  });

  test('from the snapshot, if it is sound; else from the texts', async () => {
    house.write('example.com', zoneText(7, '192.0.2.1', manyHosts(500)));
    let names = await run();
    await names.becomes('host499.example.com', 'A', '192.0.2.243');
    const snapshot = join(house.state, 'zones.snapshot');
    await until(
      () => existsSync(snapshot),
      () => 'a snapshot',
    );
    rmSync(house.zones, { recursive: true });
    names = await run();
    assert.equal(answeringFrom(names), 'snapshot');
    assert.equal(names.zone('example.com.')?.serial, 7);
    assert.equal(await names.data('host499.example.com'), '192.0.2.243');
    assert.equal(await names.data('host499.example.com', 'A', 'tcp'), '192.0.2.243');

    await names.stop();
    running = undefined;
    const sound = readFileSync(snapshot);
    // Format, place in the journal, checksums of what comes before the image and of the image, unused.
    const header = 24;
    const damaged = (change: (octets: Buffer) => void): Buffer => {
      const copy = Buffer.from(sound);
      change(copy);
      return copy;
    };
    const checksum = (octets: Buffer, length: number): number =>
      crc32(octets.subarray(header, header + length), crc32(octets.subarray(0, 12)));
    let headerOctets = 4;
    while (checksum(sound, headerOctets) !== sound.readUInt32LE(12)) {
      headerOctets += 4;
      assert.ok(headerOctets < sound.length);
    }
    /** With a right checksum. */
    const signed = (change: (octets: Buffer) => void): Buffer =>
      damaged((octets) => {
        change(octets);
        octets.writeUInt32LE(checksum(octets, headerOctets), 12);
      });
    const otherVersion = signed((octets) =>
      octets.writeUInt32LE(octets.readUInt32LE(header + 4) + 1, header + 4),
    );
    const ofTomorrow = signed((octets) => octets.writeUInt32LE(octets.readUInt32LE(4) + 1, 4));
    const middle = Math.floor(sound.length / 2);
    for (const [what, octets, expected] of [
      ['nothing', Buffer.alloc(0), /cut short/],
      ['a few octets', sound.subarray(0, 10), /cut short/],
      ['no header', sound.subarray(0, header + 3), /cut short/],
      ['half an image', sound.subarray(0, middle), /damaged/],
      ['another format', damaged((copy) => copy.writeUInt32LE(0xffffffff, 0)), /another version/],
      ['one bit of its place', damaged((copy) => (copy[5]! ^= 1)), /damaged/],
      ['one bit of the header', damaged((copy) => (copy[header + 5]! ^= 1)), /damaged/],
      ['one bit of the image', damaged((copy) => (copy[middle]! ^= 1)), /damaged/],
      ['another version', otherVersion, /written by another version/],
      ['changes that the journal has not', ofTomorrow, /the journal does not go on from it/],
    ] as const) {
      writeFileSync(snapshot, octets);
      names = await run();
      assert.equal(answeringFrom(names), 'texts', what);
      assert.match(complaints(names), expected, what);
      assert.equal(await names.data('host499.example.com'), '192.0.2.243', what);
      await names.stop();
      running = undefined;
    }

    // The list of texts is damaged: the snapshot is sound, and better than nothing.
    writeFileSync(snapshot, sound);
    const list = join(house.state, 'zones.json');
    const text = readFileSync(list);
    truncateSync(list, 20);
    names = await run();
    assert.equal(answeringFrom(names), 'snapshot');
    assert.match(complaints(names), /damaged/);
    assert.equal(await names.data('host499.example.com'), '192.0.2.243');
    await names.stop();
    running = undefined;

    // A text is damaged, and there is no snapshot: said, and the other zones are served.
    writeFileSync(list, text);
    rmSync(snapshot);
    const [kept] = readdirSync(join(house.state, 'zones'));
    writeFileSync(join(house.state, 'zones', kept!), 'x');
    names = await run();
    assert.equal(answeringFrom(names), 'nothing');
    assert.match(complaints(names), /example\.com\. is missing or damaged/);
  });

  test('what came after the snapshot is done again, from the journal and the texts', async () => {
    house.write('example.com', zoneText(1, '192.0.2.1'));
    house.write('whole.example', zoneText(1, '192.0.2.1'));
    let names = await run();
    const snapshot = join(house.state, 'zones.snapshot');
    await until(
      () => existsSync(snapshot) && statSync(snapshot).size > 0,
      () => 'a snapshot',
    );
    house.write('example.com', zoneText(2, '192.0.2.2'));
    house.write('whole.example', zoneText(2, '192.0.2.2', '$GENERATE 1-3 host$ A 192.0.2.$\n'));
    // A zone answers a moment before its text is kept.
    await names.untilZone('example.com.', (zone) => zone?.serial === 2);
    await names.untilZone('whole.example.', (zone) => zone?.serial === 2);
    rmSync(house.zones, { recursive: true });
    names = await run();
    assert.equal(answeringFrom(names), 'snapshot');
    assert.equal(await names.data('www.example.com'), '192.0.2.2');
    assert.equal(await names.data('host3.whole.example'), '192.0.2.3');
    assert.equal(names.zone('example.com.')?.serial, 2);

    // Without the journal only the texts are sure.
    await names.stop();
    running = undefined;
    rmSync(join(house.state, 'journal'), { recursive: true });
    for (let restart = 0; restart < 2; restart++) {
      names = await run();
      assert.equal(answeringFrom(names), 'texts');
      assert.equal(await names.data('www.example.com'), '192.0.2.2');
      assert.equal(await names.data('host3.whole.example'), '192.0.2.3');
    }
  });
});

test('who stops in the middle of a load does not wait for it', { timeout: 60_000 }, async () => {
  house.write('small.example', zoneText(1, '192.0.2.1'));
  let names = await run();
  await names.untilZone('small.example.', (zone) => zone?.serial === 1);
  house.write('large.example', zoneText(1, '192.0.2.2', '$GENERATE 1-1000000 host$ A 192.0.2.3\n'));
  utimesSync(join(house.zones, 'large.example'), 1, 1); // old enough to be read at once
  await names.service.reload?.();
  const started = performance.now();
  await names.stop();
  running = undefined;
  assert.ok(performance.now() - started < 1000);
  const loaded = names.saidAbout('zone served').length === 2; // on a quick machine
  rmSync(join(house.zones, 'large.example'));
  names = await run();
  assert.equal(await names.data('www.small.example'), '192.0.2.1');
  for (const name of ['www.large.example', 'host1000000.large.example']) {
    const data = await names.data(name);
    assert.equal(data === 'rcode 5', !loaded, `${name}: ${data}`);
  }
});

test('each zone appears whole: no answer is of half a zone', { timeout: 60_000 }, async () => {
  // Two names that change together; whoever sees one new and then the other old saw half a zone.
  const text = (serial: number): string =>
    zoneText(serial, `192.0.2.${serial}`, `${manyHosts(2000)}last A 192.0.2.${serial}\n`);
  house.write('whole.example', text(1));
  const names = await run();
  await names.becomes('last.whole.example', 'A', '192.0.2.1');
  let seen = 1;
  let asked = 0;
  for (let serial = 2; serial <= 5; serial++) {
    house.write('whole.example', text(serial));
    const end = performance.now() + 15_000;
    while (seen < serial) {
      assert.ok(performance.now() < end, `serial ${serial} is never served`);
      const first = await names.data('www.whole.example');
      const second = await names.data('last.whole.example');
      const third = (await names.data('whole.example', 'SOA')).split(' ')[2];
      const numbers = [first, second].map((address) => Number(address.split('.')[3]));
      assert.ok(numbers.every((number) => number >= seen && number <= serial));
      assert.ok(
        numbers[0]! <= numbers[1]! && numbers[1]! <= Number(third),
        'time does not go back',
      );
      seen = numbers[0]!;
      asked++;
    }
  }
  assert.ok(asked >= 4);
});

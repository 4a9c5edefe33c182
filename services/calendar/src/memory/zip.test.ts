import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { RunningCalendar } from '../testing/running-calendar.ts';
import type { ImportReport } from './import.ts';
import { maxZipEntries, readZip, writeZip, type ZipEntry } from './zip.ts';

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const time = new Date('2026-11-26T12:00:00Z');

const event = (uid: string, summary: string, start = '20261201T100000Z'): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//somebody//EN\r\nX-OWN:kept\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:${start}\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
const card = (uid: string, name: string): string =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nN:${name};;;;\r\nEND:VCARD\r\n`;

async function all(octets: Uint8Array): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for await (const entry of readZip(octets, 'x.zip')) entries.push(entry);
  return entries;
}

/** The zip with a field of its directory changed: an entry of it, or its end. */
function patched(octets: Uint8Array, signature: string, at: number, value: Buffer): Uint8Array {
  const copy = Buffer.from(octets);
  const start = copy.lastIndexOf(Buffer.from(signature, 'latin1'));
  assert.ok(start >= 0);
  value.copy(copy, start + at);
  return new Uint8Array(copy);
}
const directoryEntry = 'PK\x01\x02';
const directoryEnd = 'PK\x05\x06';
const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
};

describe('zip files', () => {
  test('what is written is read; folders and what macOS leaves are not', async () => {
    const entries = [
      { name: 'a/grüße.ics', octets: text('one') },
      { name: '__MACOSX/a/._x.ics', octets: text('two') },
      { name: '.DS_Store', octets: text('three') },
    ];
    assert.deepEqual(await all(await writeZip(entries, time)), entries.slice(0, 1));
    assert.deepEqual(await all(await writeZip([], time)), []);
  });

  const small = writeZip(
    [{ name: 'a.ics', octets: text(Array.from({ length: 1000 }, (_, i) => i).join()) }],
    time,
  );
  for (const [why, zip, message] of [
    [
      'a bomb',
      writeZip([{ name: 'b.ics', octets: new Uint8Array(4 << 20) }], time),
      /b\.ics unfolds to more than 200 times/,
    ],
    [
      'more than may be unfolded',
      small.then((zip) => patched(zip, directoryEntry, 24, uint32(0x7fff_ffff))),
      /unfolds to more than 268435456 octets/,
    ],
    [
      'more entries than one change has',
      small.then((zip) => patched(zip, directoryEnd, 8, Buffer.from([0x21, 0x4e, 0x21, 0x4e]))),
      new RegExp(`more than ${maxZipEntries} entries`),
    ],
    [
      'more than it says',
      small.then((zip) => patched(zip, directoryEntry, 24, uint32(10))),
      /a\.ics: too many bytes/,
    ],
    [
      'less than it says',
      small.then((zip) => patched(zip, directoryEntry, 24, uint32(5000))),
      /a\.ics: not enough bytes/,
    ],
    [
      'encrypted',
      small.then((zip) => patched(zip, directoryEntry, 8, Buffer.from([1, 0]))),
      /a\.ics is encrypted/,
    ],
    ['cut off', small.then((zip) => zip.subarray(0, zip.length - 30)), /no zip file/],
    [
      'a name that leads out',
      small.then((zip) =>
        patched(
          patched(zip, directoryEntry, 46, Buffer.from('../aa')),
          'PK\x03\x04',
          30,
          Buffer.from('../aa'),
        ),
      ),
      /invalid relative path/,
    ],
  ] as const)
    test(`refused: ${why}`, async () => {
      await assert.rejects(all(await zip), { name: 'CommandError', message });
    });
});

describe('moving in and out', () => {
  let server: RunningCalendar;
  before(async () => {
    server = await RunningCalendar.start(['ann']);
  });
  after(() => server[Symbol.asyncDispose]());

  const put = async (path: string, body: string): Promise<void> => {
    const type = path.startsWith('/calendars') ? 'text/calendar' : 'text/vcard';
    const { status, text: said } = await server.ask('PUT', path, {
      headers: { 'content-type': type },
      body,
    });
    assert.equal(status, 201, said);
  };
  const exported = async (path: string, format: string): Promise<Uint8Array> => {
    const command = server.service.commands['calendar-export']!;
    const answer = (await command({ path, format })) as { base64: string };
    return new Uint8Array(Buffer.from(answer.base64, 'base64'));
  };
  const imported = async (
    path: string,
    fileName: string,
    octets: Uint8Array,
    dryRun = false,
  ): Promise<ImportReport> => {
    const base64 = Buffer.from(octets).toString('base64');
    const command = server.service.commands['calendar-import']!;
    return (await command({ path, fileName, base64, dryRun })) as ImportReport;
  };
  const make = async (path: string): Promise<void> => {
    assert.equal((await server.ask('MKCALENDAR', path)).status, 201);
  };
  const etags = async (path: string): Promise<string[]> => {
    const { text: said } = await server.ask('PROPFIND', path, {
      headers: { depth: '1' },
      body: '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>',
    });
    return [...said.matchAll(/<D:href>([^<]+)<\/D:href>.*?<D:getetag>([^<]+)</gs)]
      .map(([, href, etag]) => `${href!.split('/').at(-1)} ${etag}`)
      .sort();
  };

  test('U9 what is exported as zip comes back with its names and octets', async () => {
    await make('/calendars/ann/from/');
    await put('/calendars/ann/from/a.ics', event('a', 'Grüße'));
    await put('/calendars/ann/from/two%20words%20%E2%82%AC.ics', event('b', 'zwei\\, drei'));
    await put('/calendars/ann/from/no-ending', event('c', 'c'));
    const zip = await exported('ann/from', 'zip');
    await make('/calendars/ann/to/');
    const plan = await imported('ann/to', 'x.zip', zip, true);
    assert.deepEqual(plan.new, ['a.ics: a', 'no-ending.ics: c', 'two words €.ics: b']);
    assert.equal(plan.revision, undefined);
    const done = await imported('ann/to', 'x.zip', zip);
    assert.notEqual(done.revision, undefined);
    const there = (await etags('/calendars/ann/from/')).map((one) =>
      one.replace('no-ending ', 'no-ending.ics '),
    );
    assert.equal(there.length, 3);
    assert.deepEqual(await etags('/calendars/ann/to/'), there.sort());
    const again = await imported('ann/to', 'x.zip', zip);
    assert.deepEqual([again.same, again.revision], [3, undefined]);
  });

  for (const format of ['ics', 'json', 'csv'])
    test(`U9 what is exported as ${format} comes back as the same set`, async () => {
      await make(`/calendars/ann/${format}-from/`);
      for (const [uid, start] of [
        ['one', '20261201T100000Z'],
        ['two', '20261202T113000Z'],
      ])
        await put(
          `/calendars/ann/${format}-from/${uid}.ics`,
          event(uid!, `Grüße\\; "${uid}"`, start),
        );
      const file = await exported(`ann/${format}-from`, format);
      await make(`/calendars/ann/${format}-to/`);
      const done = await imported(`ann/${format}-to`, `x.${format}`, file);
      assert.deepEqual([...done.new].sort(), ['one', 'two'], done.wrong.join('\n'));
      if (format !== 'csv') {
        // A table does not hold DTSTAMP.
        const back = await imported(`ann/${format}-from`, `x.${format}`, file);
        assert.deepEqual([back.same, back.changed], [2, []]);
      }
      const what = async (name: string): Promise<string[]> => {
        const found: string[] = [];
        for (const { octets } of await all(await exported(`ann/${name}`, 'zip'))) {
          const read = readCalendarObject(octets);
          assert.ok(read.ok);
          const { properties } = read.value.master!;
          const wanted = new Set(['UID', 'DTSTART', 'SUMMARY']);
          found.push(
            properties
              .filter((line) => wanted.has(line.name))
              .map(({ name: property, value }) => `${property}:${value}`)
              .sort()
              .join(' '),
          );
        }
        return found.sort();
      };
      assert.deepEqual(await what(`${format}-to`), await what(`${format}-from`));
    });

  test('U9 all of a user in one zip, over HTTP: a file for each collection', async () => {
    await put('/calendars/ann/calendar/mine.ics', event('mine', 'mine'));
    await put('/addressbooks/ann/contacts/ann.vcf', card('ann', 'Ann'));
    const login = Buffer.from('ann:correct horse:battery staple').toString('base64');
    const response = await fetch(`${server.url}/api/export?path=/calendars/ann/&format=zip`, {
      headers: { authorization: `Basic ${login}` },
    });
    assert.equal(response.headers.get('content-type'), 'application/zip');
    const entries = await all(new Uint8Array(await response.arrayBuffer()));
    const named = new Map(
      entries.map(({ name, octets }) => [name, Buffer.from(octets).toString()]),
    );
    assert.match(named.get('calendars/calendar.ics') ?? '', /UID:mine/);
    assert.match(named.get('addressbooks/contacts.vcf') ?? '', /UID:ann/);
    const others = await server.ask('GET', '/api/export?path=/calendars/bob/&format=zip');
    assert.equal(others.status, 422);
  });

  test('what does not fit is named with its entry, and the rest comes', async () => {
    await make('/calendars/ann/mixed/');
    const zip = await writeZip(
      [
        { name: 'deep/er/good.ics', octets: text(event('good', 'good')) },
        { name: 'broken.ics', octets: text('BEGIN:VCALENDAR\r\nnonsense\r\n') },
        { name: 'people.vcf', octets: text(card('x', 'X')) },
        { name: 'again.ics', octets: text(event('good', 'again')) },
        {
          name: 'several.ics',
          octets: text(
            event('s1', 's1').replace('END:VCALENDAR\r\n', '') +
              event('s2', 's2').replace(/^[\s\S]*?(?=BEGIN:VEVENT)/, ''),
          ),
        },
      ],
      time,
    );
    const report = await imported('ann/mixed', 'x.zip', zip);
    assert.deepEqual(report.new, [
      'deep/er/good.ics: good',
      'several.ics: line 5: s1',
      'several.ics: line 11: s2',
    ]);
    const wrong = report.wrong.map((sentence) => sentence.slice(0, sentence.indexOf(':')));
    assert.deepEqual(wrong.sort(), ['again.ics', 'broken.ics', 'people.vcf']);
    const got = await server.ask('GET', '/calendars/ann/mixed/good.ics');
    assert.equal(got.text, event('good', 'good'));
  });

  test('U7 a zip of 10,000 events is one commit and one undo', async () => {
    await make('/calendars/ann/many/');
    const entries = Array.from({ length: 10_000 }, (_, number) => ({
      name: `${number}.ics`,
      octets: text(event(`many-${number}`, `event ${number}`)),
    }));
    const report = await imported('ann/many', 'many.zip', await writeZip(entries, time));
    assert.deepEqual(report.totals, { new: 10_000, changed: 0, wrong: 0 });
    const command = server.service.commands['calendar-history']!;
    const { entries: told } = (await command({ path: 'ann/many', limit: 1000 })) as {
      entries: { revision: string; change: string }[];
    };
    const puts = told.filter(({ change }) => change === 'put');
    assert.deepEqual(new Set(puts.map(({ revision }) => revision)), new Set([report.revision]));
    assert.equal((await etags('/calendars/ann/many/')).length, 10_000);
    await server.service.commands['calendar-revert']!({ commit: report.revision, user: 'ann' });
    assert.deepEqual(await etags('/calendars/ann/many/'), []);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCalendarStorage } from '@riad/calendar-store/calendar-storage';
import { blobId } from '@riad/store/blob';
import { LockTable } from '@riad/webdav/locks/lock-table';
import { AccountDirectory } from '../account-directory.ts';
import { describeObject, validateObject } from '../described-object.ts';
import { RunningCalendar } from '../testing/running-calendar.ts';
import type { HouseholdItem } from './household.ts';
import { type TakeoverReport, takeOver } from './take-over.ts';
import { moveHouse } from './testing/moving-house.ts';

const event = (uid: string, summary = uid): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
    ),
  );

async function* household(...items: readonly HouseholdItem[]): AsyncGenerator<HouseholdItem> {
  yield* items;
}

const collection = (owner: string, name: string): HouseholdItem => ({
  type: 'collection',
  owner,
  name,
  from: `${owner}/${name}`,
  kind: 'calendar',
  properties: [],
  acl: [],
});
const object = (name: string, octets: Uint8Array): HouseholdItem => ({
  type: 'object',
  name,
  from: `file ${name}`,
  octets,
});

test('what does not fit into one commit goes into several, and a UID counts in all of them', async () => {
  await using server = await RunningCalendar.start(['ann', 'bob']);
  await server.stop();
  await using storage = await openCalendarStorage({
    folder: `${server.folder}/calendar`,
    describe: describeObject,
    validate: validateObject,
    report: () => {},
  });
  await storage.ready;
  using accounts = server.accounts();
  const engine = {
    storage,
    directory: new AccountDirectory(accounts, undefined),
    locks: new LockTable(),
    blobId,
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    pause: async () => {},
  };
  const move = (maxObjects: number): Promise<TakeoverReport> =>
    takeOver(
      { storage, engine, accounts },
      household(
        collection('ann', 'one'),
        ...Array.from({ length: 5 }, (_, i) => object(`${i}.ics`, event(`uid-${i}`))),
        object('twice.ics', event('uid-0', 'another')),
        collection('ann', 'two'),
        object('a.ics', event('uid-0')),
        collection('bob', 'one'),
        object('b.ics', event('uid-0')),
      ),
      { source: 'test', nowSeconds: 1_800_000_000, dryRun: false, maxObjects },
    );
  const report = await move(2);
  assert.equal(report.revisions.length, 5, 'three for what is in one, one for each of the others');
  assert.deepEqual(report.wrong, ['file twice.ics: It has the UID of 0.ics.']);
  assert.deepEqual(
    report.collections.map(({ path, is, objects }) => [path, is, objects.new, objects.wrong]),
    [
      ['/calendars/ann/one/', 'new', 5, 1],
      ['/calendars/ann/two/', 'new', 1, 0],
      ['/calendars/bob/one/', 'new', 1, 0],
    ],
  );
  for (const maxObjects of [2, 100]) {
    const again = await move(maxObjects);
    assert.deepEqual(again.revisions, []);
    assert.deepEqual(again.wrong, report.wrong);
    assert.deepEqual(again.collections[0]?.objects, { new: 0, changed: 0, same: 5, wrong: 1 });
  }
});

test('what stands in the way is told, and the rest comes', async () => {
  await using server = await RunningCalendar.start(['ann']);
  {
    using accounts = server.accounts();
    accounts.addGroup('staff');
    accounts.changeUser('ann', { quotaOctets: 100 });
  }
  const reports = await moveHouse(
    server,
    household(
      { type: 'user', name: 'staff' },
      { type: 'user', name: 'carol', emailAddresses: ['ann@example.org', 'no address'] },
      { type: 'group', name: 'ann', members: [] },
      { type: 'group', name: 'staff', members: ['carol', 'nobody'] },
      collection('nobody', 'x'),
      object('x.ics', event('x')),
      collection('ann', 'full'),
      object('y.ics', event('y')),
      {
        ...collection('carol', 'shared'),
        type: 'collection',
        acl: ['ann', 'gone'].map((name) => ({
          principal: { kind: 'user', name } as const,
          invert: false,
          grant: true,
          privileges: ['DAV: read'],
        })),
        properties: [
          {
            namespace: 'DAV:',
            name: 'displayname',
            xml: '<displayname xmlns="DAV:">Ours</displayname>',
          },
          { namespace: 'DAV:', name: 'getetag', xml: '<getetag xmlns="DAV:">1</getetag>' },
          { namespace: 'x', name: 'broken', xml: '<broken' },
        ],
      } as HouseholdItem,
      object('z.ics', event('z')),
      object('.', event('dot')),
    ),
  );
  assert.match(reports.wrong.join('\n'), /^user staff: staff is taken/m);
  assert.match(reports.wrong.join('\n'), /^group ann: ann is a user here/m);
  assert.match(reports.wrong.join('\n'), /^nobody in group staff: there is no nobody/m);
  assert.match(reports.wrong.join('\n'), /^nobody\/x: there is no user nobody/m);
  assert.match(reports.wrong.join('\n'), /^file x\.ics: so does its collection/m);
  assert.match(reports.wrong.join('\n'), /^ann\/full: /m);
  assert.match(reports.wrong.join('\n'), /^file \.: Its name is none/m);
  assert.match(reports.remarks.join('\n'), /shared with gone, who is not here/);
  assert.match(reports.remarks.join('\n'), /property getetag/);
  assert.match(reports.remarks.join('\n'), /property broken/);
  assert.equal(reports.revisions.length, 1);
  const seen = await server.ask('GET', '/calendars/ann/carol~shared/z.ics');
  assert.equal(seen.status, 200);
  {
    using accounts = server.accounts();
    assert.deepEqual(accounts.user('carol')?.emailAddresses, []);
  }
  // Somebody is at work on it: nothing of that user’s is changed.
  const locked = await server.ask('LOCK', '/calendars/ann/calendar/', {
    body: '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>',
    headers: { depth: 'infinity' },
  });
  assert.equal(locked.status, 200, locked.text);
  {
    using accounts = server.accounts();
    accounts.changeUser('ann', { quotaOctets: null });
  }
  const items = [collection('ann', 'calendar'), object('y.ics', event('y'))];
  const refused = await moveHouse(server, household(...items));
  assert.deepEqual(refused.revisions, []);
  assert.match(refused.wrong.join('\n'), /^ann\/calendar: /);
});

test('a file of another name is not read', async () => {
  await using server = await RunningCalendar.start(['ann']);
  const command = server.service.commands['calendar-takeover']!;
  for (const file of ['../accounts/accounts.sqlite', '/etc/passwd', 'state.db', undefined])
    await assert.rejects(command({ file, source: 'x' }), /household’s file/);
});

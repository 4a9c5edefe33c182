/** Undo and imports: several goals, one change, the rules of PUT and DELETE. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DavError } from '../src/dav-error.ts';
import { type GoalState, writeGoalStates } from '../src/resources/goal-states.ts';
import { calendarObject, House } from '../src/testing/house.ts';

const encoder = new TextEncoder();
const collection = ['calendars', 'ann', 'calendar'];

function event(uid: string, summary = 'x'): Uint8Array {
  return encoder.encode(calendarObject(`DTSTART:20260301T120000Z\nSUMMARY:${summary}`, uid));
}

function write(house: House, goals: readonly GoalState[], user = 'ann'): Promise<unknown> {
  return writeGoalStates(house.engine, {
    goals,
    user,
    actor: {
      user,
      device: undefined,
      userAgent: undefined,
      method: 'UNDO',
      target: '/',
      requestId: '1',
    },
    summary: 'undone',
    nowSeconds: house.nowSeconds,
  });
}

async function startedHouse(): Promise<House> {
  const house = new House();
  for (const name of ['a', 'b']) {
    await house.ask('PUT', `/calendars/ann/calendar/${name}.ics`, { body: event(name) });
  }
  return house;
}

const goal = (name: string, octets: Uint8Array | undefined): GoalState => ({
  path: [...collection, name],
  octets,
});

test('puts and deletions are one commit, and a UID may change its name in it', async () => {
  const house = await startedHouse();
  const before = house.storage.history.length;
  await write(house, [
    goal('b.ics', event('b', 'changed')),
    goal('moved.ics', event('a')),
    goal('a.ics', undefined),
    goal('never.ics', undefined),
  ]);
  assert.equal(house.storage.history.length, before + 1);
  assert.equal(house.storage.history.at(-1)?.summary, 'undone');
  assert.equal((await house.ask('GET', '/calendars/ann/calendar/a.ics')).status, 404);
  assert.match((await house.ask('GET', '/calendars/ann/calendar/b.ics')).text, /changed/);
  assert.equal((await house.ask('GET', '/calendars/ann/calendar/moved.ics')).status, 200);
});

test('U3: rights, UIDs and locks hold, and then nothing is changed', async () => {
  const house = await startedHouse();
  const before = house.storage.history.length;
  const refused = async (
    status: number,
    goals: readonly GoalState[],
    user = 'ann',
  ): Promise<void> => {
    await assert.rejects(write(house, goals, user), (error) => {
      assert.ok(error instanceof DavError);
      return error.status === status;
    });
    assert.equal(house.storage.history.length, before);
  };
  await refused(404, [goal('a.ics', undefined)], 'carol');
  await refused(409, [goal('c.ics', event('c')), goal('d.ics', event('a'))]);
  await refused(403, [goal('c.ics', encoder.encode('rubbish'))]);
  const lock = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`;
  await house.ask('LOCK', '/calendars/ann/calendar/a.ics', { body: lock });
  await refused(423, [goal('a.ics', undefined)]);
});

test('a writer that is quicker is not overwritten unseen: the rules are asked again', async () => {
  const house = await startedHouse();
  house.storage.beforeWrite = async () => {
    await house.ask('PUT', '/calendars/ann/calendar/new.ics', { body: event('c') });
  };
  await assert.rejects(write(house, [goal('c.ics', event('c'))]), /no-uid-conflict/);
});

test('what was made from an older state is not written over a newer one', async () => {
  const house = await startedHouse();
  const etag = async (): Promise<string> =>
    (await house.ask('GET', '/calendars/ann/calendar/a.ics')).headers['ETag']!.slice(1, -1);
  const old = await etag();
  await house.ask('PUT', '/calendars/ann/calendar/a.ics', { body: event('a', 'newer') });
  const made = { ...goal('a.ics', event('a', 'made')), etag: old };
  const before = house.storage.history.length;
  await assert.rejects(write(house, [goal('b.ics', undefined), made]), { status: 412 });
  await assert.rejects(write(house, [{ ...made, path: [...collection, 'none.ics'] }]), {
    status: 412,
  });
  assert.equal(house.storage.history.length, before);
  // Nor over what comes while it is worked out.
  const current = { ...made, etag: await etag() };
  house.storage.beforeWrite = async () => {
    await house.ask('PUT', '/calendars/ann/calendar/a.ics', { body: event('a', 'newest') });
  };
  await assert.rejects(write(house, [current]), { status: 412 });
  assert.match((await house.ask('GET', '/calendars/ann/calendar/a.ics')).text, /newest/);
  await write(house, [{ ...made, etag: await etag() }]);
  assert.match((await house.ask('GET', '/calendars/ann/calendar/a.ics')).text, /made/);
});

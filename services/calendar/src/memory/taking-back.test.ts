/** Undo property by property, through the whole service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, icalendar } from '../testing/objects.ts';
import { type Answer, RunningCalendar } from '../testing/running-calendar.ts';

const path = '/calendars/ann/calendar/a.ics';
const place = 'LOCATION:Room 2\r\n';

class Undoing {
  readonly server: RunningCalendar;

  constructor(server: RunningCalendar) {
    this.server = server;
  }

  async put(body: string, password?: string): Promise<string> {
    const asking = { headers: icalendar, body, ...(password === undefined ? {} : { password }) };
    const { status } = await this.server.ask('PUT', path, asking);
    assert.ok(status === 201 || status === 204, String(status));
    const { text } = await this.server.ask('GET', `/api/history?path=${path}&limit=1`);
    return (JSON.parse(text) as { entries: { revision: string }[] }).entries[0]!.revision;
  }

  revert(order: unknown): Promise<Answer> {
    return this.server.ask('POST', '/api/revert', { body: JSON.stringify(order) });
  }

  async text(): Promise<string> {
    return (await this.server.ask('GET', path)).text;
  }
}

const started = async (): Promise<AsyncDisposable & { undoing: Undoing }> => {
  const server = await RunningCalendar.start(['ann']);
  return {
    undoing: new Undoing(server),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};
const steps = ({ status, text }: Answer): unknown => {
  assert.equal(status, 200, text);
  return (JSON.parse(text) as { steps: unknown }).steps;
};

test('U2: one change is undone, and what came later elsewhere in the event stays', async () => {
  await using house = await started();
  const { undoing } = house;
  await undoing.put(event('a', 'Lunch'));
  const commit = await undoing.put(event('a', 'Supper'));
  await undoing.put(event('a', 'Supper', place));
  const wanted = event('a', 'Lunch', place);

  const step = { path, does: 'merges', changedSince: false };
  assert.deepEqual(steps(await undoing.revert({ commit, dryRun: true })), [step]);
  assert.match(await undoing.text(), /Supper/);
  const before = await undoing.server.ask('HEAD', path);
  assert.deepEqual(steps(await undoing.revert({ commit })), [step]);
  assert.equal(await undoing.text(), wanted);
  const after = await undoing.server.ask('HEAD', path);
  assert.notEqual(after.headers.get('etag'), before.headers.get('etag'));
  // It is so already.
  assert.deepEqual(steps(await undoing.revert({ commit })), []);
  assert.equal(await undoing.text(), wanted);
});

test('U2: both changed the same: it is said what, nothing is done, and --overwrite goes back whole', async () => {
  await using house = await started();
  const { undoing } = house;
  await undoing.put(event('a', 'Lunch'));
  const commit = await undoing.put(event('a', 'Supper'));
  await undoing.put(event('a', 'Tea', place));
  const planned = steps(await undoing.revert({ commit, dryRun: true }));
  assert.deepEqual(planned, [{ path, does: 'writes', changedSince: true, conflict: 'SUMMARY' }]);
  const refused = await undoing.revert({ commit });
  assert.equal(refused.status, 422);
  assert.match(
    refused.text,
    /changed since by others: \/calendars\/ann\/calendar\/a\.ics \(SUMMARY\)/,
  );
  assert.match(await undoing.text(), /Tea/);
  steps(await undoing.revert({ commit, overwrite: true }));
  assert.equal(await undoing.text(), event('a', 'Lunch'));
});

test('U2: of what a device did among others’ changes, only that is undone', async () => {
  await using house = await started();
  const { undoing } = house;
  using accounts = undoing.server.accounts();
  const phone = accounts.addAppPassword('ann', 'phone');
  await undoing.put(event('a', 'Lunch'));
  await undoing.put(event('a', 'Supper'), phone);
  await undoing.put(event('a', 'Supper', place));
  await undoing.put(event('a', 'Supper', `${place}URL:x\r\n`), phone);
  assert.deepEqual(steps(await undoing.revert({ device: 'phone', since: '1h' })), [
    { path, does: 'merges', changedSince: false },
  ]);
  assert.equal(await undoing.text(), event('a', 'Lunch', place));
});

test('U3: what came or went is not merged', async () => {
  await using house = await started();
  const { undoing } = house;
  const made = await undoing.put(event('a', 'Lunch'));
  await undoing.put(event('a', 'Supper'));
  const refused = await undoing.revert({ commit: made });
  assert.equal(refused.status, 422);
  assert.match(await undoing.text(), /Supper/);
  assert.equal((await undoing.server.ask('DELETE', path)).status, 204);
  const commit = await undoing.put(event('a', 'Again'));
  assert.equal((await undoing.server.ask('DELETE', path)).status, 204);
  assert.deepEqual(steps(await undoing.revert({ commit })), []);
});

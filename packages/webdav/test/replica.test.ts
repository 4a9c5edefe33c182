/**
 * Two people change a calendar at the same time, at random, while a client follows by sync-collection, now
 * with a limit, now without. At the end the client has what the calendar has, and no UID is there twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calendarObject, House, type Multistatus, namespaces } from '../src/testing/house.ts';

const calendar = '/calendars/ann/calendar/';
const alias = '/calendars/bob/ann~calendar/';

type Change = {
  readonly who: 'ann' | 'bob';
  readonly what: 'put' | 'delete' | 'move' | 'sync';
  readonly name: number;
  readonly other: number;
  readonly conditional: boolean;
};

const change: fc.Arbitrary<Change> = fc.record({
  who: fc.constantFrom('ann', 'bob'),
  what: fc.constantFrom('put', 'put', 'put', 'delete', 'move', 'sync'),
  name: fc.nat(5),
  other: fc.nat(5),
  conditional: fc.boolean(),
});

class Replica {
  readonly etags: Map<string, string> = new Map();
  token = '';
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  async sync(limit: number): Promise<void> {
    for (let more = true; more; ) {
      const nresults = limit === 0 ? '' : `<D:limit><D:nresults>${limit}</D:nresults></D:limit>`;
      const answer = await this.#house.list('REPORT', alias, {
        user: 'bob',
        body: `<D:sync-collection ${namespaces}><D:sync-token>${this.token}</D:sync-token><D:sync-level>1</D:sync-level>${nresults}<D:prop><D:getetag/></D:prop></D:sync-collection>`,
      });
      more = this.#take(answer);
    }
  }

  #take(answer: Multistatus): boolean {
    let more = false;
    for (const [href, { status }] of answer.responses) {
      if (status === 507) more = true;
      else if (status === 404) this.etags.delete(href.slice(alias.length));
      else this.etags.set(href.slice(alias.length), answer.text(href, 'D:getetag')!);
    }
    this.token = answer.syncToken;
    return more;
  }
}

/** A house whose storage takes a moment, so that requests overlap. */
async function slowHouse(): Promise<House> {
  const house = new House();
  await house.ask('ACL', calendar, {
    body: `<D:acl ${namespaces}><D:ace><D:principal><D:href>/principals/users/bob/</D:href></D:principal><D:grant><D:privilege><D:read/></D:privilege><D:privilege><D:write/></D:privilege></D:grant></D:ace></D:acl>`,
  });
  await house.ask('GET', '/calendars/bob/', { user: 'bob' });
  const write = house.storage.write.bind(house.storage);
  house.storage.write = async (request) => {
    for (let turns = request.actor.target.length % 7; turns > 0; turns--) await Promise.resolve();
    return write(request);
  };
  return house;
}

async function carryOut(
  house: House,
  step: Change,
  index: number,
  replica: Replica,
): Promise<void> {
  const { who, what, name, other, conditional } = step;
  const base = who === 'ann' ? calendar : alias;
  const target = `${base}${name}.ics`;
  if (what === 'sync') return replica.sync(other);
  const headers: Record<string, string> = {};
  const known = replica.etags.get(`${name}.ics`);
  if (conditional && known !== undefined) headers['If-Match'] = known;
  if (what === 'move') headers['Destination'] = `${base}${other}.ics`;
  const body =
    what === 'put'
      ? calendarObject(`DTSTART:20260301T120000Z\nSUMMARY:${index}`, `uid-${other}`)
      : '';
  const method = what.toUpperCase();
  const { status, text } = await house.ask(method, target, { user: who, headers, body });
  assert.ok([201, 204, 403, 404, 409, 412].includes(status), `${method} ${status} ${text}`);
  // Only MOVE onto itself is forbidden.
  if (status === 403) assert.ok(what === 'move' && name === other, text);
}

test('a client that follows changes has what the calendar has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 }),
      async (rounds) => {
        const house = await slowHouse();
        const replica = new Replica(house);
        let index = 0;
        for (const round of rounds) {
          // Of each round all requests are under way at once; one client does not sync twice at a time.
          const syncs = round.filter(({ what }) => what === 'sync').slice(0, 1);
          const others = round.filter(({ what }) => what !== 'sync');
          await Promise.all(
            [...others, ...syncs].map((step) => carryOut(house, step, index++, replica)),
          );
        }
        await replica.sync(0);
        const listed = await house.properties(calendar, ['D:getetag'], { headers: { Depth: '1' } });
        const current = new Map(
          listed.hrefs
            .slice(1)
            .map((href) => [href.slice(calendar.length), listed.text(href, 'D:getetag')]),
        );
        assert.deepEqual(replica.etags, current);
        const { text } = await house.ask('GET', calendar);
        const uids = text.match(/^UID:.*/gm) ?? [];
        assert.equal(new Set(uids).size, uids.length);
      },
    ),
    { seed: 1, numRuns: 150 },
  );
});

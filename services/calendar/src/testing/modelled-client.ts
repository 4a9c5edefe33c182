/**
 * A client that works in calendars of its own, one request after the other, and knows what has to be there. When
 * a request is cut off, either all of it has happened afterwards or nothing; whatever was acknowledged has.
 */
import assert from 'node:assert/strict';
import type { Random } from '@riad/octets/testing/random';
import { blobId } from '@riad/store/blob';
import { type Ask, expectStatus, readCalendar, readDifference, xml } from './dav-reading.ts';
import { event, icalendar } from './objects.ts';
import type { Asking } from './running-calendar.ts';

type ModelCalendar = {
  /** Tells it from others that had the same name. */
  readonly made: number;
  readonly displayName: string | undefined;
  readonly members: ReadonlyMap<string, string>;
};
type State = ReadonlyMap<string, ModelCalendar>;

/** A moment of a calendar that the server has told a name for: a sync token, or a commit. */
type Known = {
  readonly calendar: string;
  readonly made: number;
  readonly name: string;
  readonly members: ReadonlyMap<string, string>;
  /** How many changes came before. */
  readonly touched: number;
};

type Step = {
  readonly method: string;
  readonly path: string;
  readonly asking: Asking;
  readonly statuses: readonly number[];
  readonly next: State;
  /** `calendar/name` of all that it changes. */
  readonly touches: readonly string[];
  /** After it the newest commit of this calendar is its own. */
  readonly calendar?: string;
  readonly etag?: string;
};

const maxMembers = 15;
const maxCalendars = 3;
/** Of each kind; the oldest go. */
const maxKnown = 12;

/** So many deletions that they look like an accident: the service does nothing and says so. */
const heldBack = /would be deleted within a minute/;

export type ClientSnapshot = {
  readonly state: State;
  readonly pending: State | undefined;
  readonly touched: number;
  readonly tokens: readonly Known[];
};

export class ModelledClient {
  readonly name: string;
  readonly #home: string;
  readonly #random: Random;
  #state: State = new Map();
  /** What is there if the request that was sent has been done. */
  #pending: State | undefined;
  #touched: string[] = [];
  #tokens: Known[] = [];
  #commits: Known[] = [];
  #count = 0;
  /** Requests that changed something and were answered so. */
  acknowledged = 0;

  constructor(home: string, name: string, random: Random) {
    this.#home = home;
    this.name = name;
    this.#random = random;
  }

  /** What is known now, for `verify` of a copy of the server made at this moment. */
  snapshot(): ClientSnapshot {
    return {
      state: this.#state,
      pending: this.#pending,
      touched: this.#touched.length,
      tokens: [...this.#tokens],
    };
  }

  /** One that knows just that much, to go on from there. */
  at({ state, pending, touched, tokens }: ClientSnapshot, random: Random): ModelledClient {
    const client = new ModelledClient(this.#home, this.name, random);
    client.#state = state;
    client.#pending = pending;
    client.#touched = this.#touched.slice(0, touched);
    client.#tokens = [...tokens];
    client.#count = this.#count;
    return client;
  }

  /** Rejects if the request was cut off; throws an AssertionError if the answer is wrong. */
  async step(ask: Ask): Promise<void> {
    const random = this.#random;
    if (random.chance(0.12) && this.#state.size > 0) return this.#sync(ask);
    const step = this.#choose();
    this.#touched.push(...step.touches);
    this.#pending = step.next;
    const answer = await ask(step.method, step.path, step.asking);
    if (heldBack.test(answer.text)) {
      this.#pending = undefined;
      return;
    }
    const done = step.statuses.includes(answer.status);
    assert.ok(done, `${step.method} ${step.path}: ${answer.status} ${answer.text}`);
    if (step.etag !== undefined) assert.equal(answer.headers.get('etag'), step.etag);
    if (step.method === 'PROPPATCH') assert.match(answer.text, /HTTP\/1\.1 200 /);
    this.#state = step.next;
    this.#pending = undefined;
    // A revert to what is there anyway is no commit.
    if (step.method !== 'POST' || step.touches.length > 0) this.acknowledged++;
    if (step.calendar !== undefined && random.chance(0.3))
      await this.#noteCommit(ask, step.calendar);
  }

  /** All that has to be there is, octet for octet; tokens lead to the right difference. */
  async verify(ask: Ask): Promise<void> {
    const found = new Map<string, { displayName: string | undefined; etags: object }>();
    for (let i = 0; i < maxCalendars; i++) {
      const calendar = `${this.name}-${i}`;
      const read = await readCalendar(ask, this.#pathOf(calendar));
      if (read === undefined) continue;
      found.set(calendar, { displayName: read.displayName, etags: sorted(read.etags) });
    }
    const ways = this.#pending === undefined ? [this.#state] : [this.#state, this.#pending];
    const expected = ways.map(described);
    const which = expected.findIndex((way) => isSame(found, way));
    if (which < 0) assert.deepEqual(found, expected[0], `${this.name}, or ${show(expected[1])}`);
    this.#state = ways[which]!;
    this.#pending = undefined;
    for (const [calendar, { members }] of this.#state) {
      for (const [name, octets] of members) {
        const got = expectStatus(await ask('GET', `${this.#pathOf(calendar)}${name}`), 200);
        assert.equal(got.text, octets);
        assert.equal(got.headers.get('etag'), etagOf(octets));
      }
    }
    for (const token of this.#tokens) await this.#checkToken(ask, token);
  }

  /** What a client is answered, for comparing with another server of the same commits. */
  async answers(ask: Ask): Promise<string[]> {
    const texts: string[] = [];
    for (const calendar of this.#state.keys()) {
      const path = this.#pathOf(calendar);
      texts.push((await readCalendar(ask, path))?.text ?? 'nothing');
      for (const { name } of [{ name: '' }, ...this.#tokens]) {
        const difference = await readDifference(ask, path, name);
        texts.push(typeof difference === 'object' ? difference.text : String(difference));
      }
    }
    return texts;
  }

  #pathOf(calendar: string): string {
    return `${this.#home}${calendar}/`;
  }

  #choose(): Step {
    const random = this.#random;
    const calendars = [...this.#state.keys()];
    if (calendars.length === 0) return this.#make();
    const calendar = random.pick(calendars);
    const { members } = this.#state.get(calendar)!;
    const names = [...members.keys()];
    const chosen = random.below(100);
    if (chosen < 5 && calendars.length < maxCalendars) return this.#make();
    if (chosen < 7 && calendars.length > 1) return this.#removeCalendar(calendar);
    if (chosen < 14) return this.#rename(calendar);
    if (chosen < 20) {
      const known = this.#commits.filter(
        (one) => one.calendar === calendar && one.made === this.#state.get(calendar)!.made,
      );
      if (known.length > 0) return this.#revert(random.pick(known));
    }
    if (names.length === 0) return this.#put(calendar, this.#newName());
    const name = random.pick(names);
    if (chosen < 35 || names.length >= maxMembers) return this.#remove(calendar, name);
    if (chosen < 48) return this.#move(calendar, name, random.pick(calendars));
    if (chosen < 68) return this.#put(calendar, name);
    return this.#put(calendar, this.#newName());
  }

  #newName(): string {
    return `${this.name}.${++this.#count}.ics`;
  }

  #with(calendar: string, change: Partial<ModelCalendar>): Map<string, ModelCalendar> {
    return new Map(this.#state).set(calendar, { ...this.#state.get(calendar)!, ...change });
  }

  #make(): Step {
    const free = Array.from({ length: maxCalendars }, (_, i) => `${this.name}-${i}`).find(
      (name) => !this.#state.has(name),
    )!;
    const displayName = `Made ${++this.#count}`;
    const body = `<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>${displayName}</D:displayname></D:prop></D:set></C:mkcalendar>`;
    const made = { made: this.#count, displayName, members: new Map() };
    return {
      method: 'MKCALENDAR',
      path: this.#pathOf(free),
      asking: { headers: xml, body },
      statuses: [201],
      next: new Map(this.#state).set(free, made),
      touches: [],
    };
  }

  #removeCalendar(calendar: string): Step {
    const next = new Map(this.#state);
    next.delete(calendar);
    const path = this.#pathOf(calendar);
    return { method: 'DELETE', path, asking: {}, statuses: [204], next, touches: [] };
  }

  #rename(calendar: string): Step {
    const displayName = `Name ${++this.#count}`;
    const body = `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>${displayName}</D:displayname></D:prop></D:set></D:propertyupdate>`;
    return {
      method: 'PROPPATCH',
      path: this.#pathOf(calendar),
      asking: { headers: xml, body },
      statuses: [207],
      next: this.#with(calendar, { displayName }),
      touches: [],
    };
  }

  #put(calendar: string, name: string): Step {
    const { members } = this.#state.get(calendar)!;
    const before = members.get(name);
    const uid = before === undefined ? name : uidOf(before);
    const padding = `DESCRIPTION:${'so it goes '.repeat(this.#random.below(5))}\r\n`;
    const octets = event(uid, `Version ${++this.#count}`, padding);
    const condition: Record<string, string> =
      before === undefined ? { 'if-none-match': '*' } : { 'if-match': etagOf(before) };
    return {
      method: 'PUT',
      path: `${this.#pathOf(calendar)}${name}`,
      asking: { headers: { ...icalendar, ...condition }, body: octets },
      statuses: [before === undefined ? 201 : 204],
      next: this.#with(calendar, { members: new Map(members).set(name, octets) }),
      touches: [`${calendar}/${name}`],
      calendar,
      etag: etagOf(octets),
    };
  }

  #remove(calendar: string, name: string): Step {
    const members = new Map(this.#state.get(calendar)!.members);
    members.delete(name);
    return {
      method: 'DELETE',
      path: `${this.#pathOf(calendar)}${name}`,
      asking: {},
      statuses: [204],
      next: this.#with(calendar, { members }),
      touches: [`${calendar}/${name}`],
      calendar,
    };
  }

  /** To a new name, here or in another calendar. */
  #move(calendar: string, name: string, to: string): Step {
    const target = this.#newName();
    const from = new Map(this.#state.get(calendar)!.members);
    const octets = from.get(name)!;
    from.delete(name);
    const next = this.#with(calendar, { members: from });
    const into = next.get(to)!;
    // After a revert it may be in both; one calendar cannot have it twice.
    if ([...into.members.values()].some((other) => uidOf(other) === uidOf(octets)))
      return this.#remove(calendar, name);
    next.set(to, { ...into, members: new Map(into.members).set(target, octets) });
    return {
      method: 'MOVE',
      path: `${this.#pathOf(calendar)}${name}`,
      asking: { headers: { destination: `${this.#pathOf(to)}${target}` } },
      statuses: [201],
      next,
      touches: [`${calendar}/${name}`, `${to}/${target}`],
      calendar,
    };
  }

  #revert({ calendar, name, members }: Known): Step {
    const now = this.#state.get(calendar)!.members;
    return {
      method: 'POST',
      path: '/api/revert',
      asking: {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ path: this.#pathOf(calendar), at: name, overwrite: true }),
      },
      statuses: [200],
      next: this.#with(calendar, { members }),
      touches: [...new Set([...now.keys(), ...members.keys()])]
        .filter((one) => now.get(one) !== members.get(one))
        .map((one) => `${calendar}/${one}`),
    };
  }

  async #sync(ask: Ask): Promise<void> {
    const random = this.#random;
    const calendar = random.pick([...this.#state.keys()]);
    const { made, members } = this.#state.get(calendar)!;
    const known = this.#tokens.filter((one) => one.calendar === calendar && one.made === made);
    const since = known.length > 0 && random.chance(0.7) ? random.pick(known) : undefined;
    const difference = await this.#differenceSince(ask, calendar, since);
    this.#tokens.push({
      calendar,
      made,
      name: difference,
      members,
      touched: this.#touched.length,
    });
    this.#tokens = this.#tokens.slice(-maxKnown);
  }

  async #checkToken(ask: Ask, token: Known): Promise<void> {
    const { calendar, made, name } = token;
    const now = this.#state.get(calendar);
    if (now?.made === made) return void (await this.#differenceSince(ask, calendar, token));
    const difference = await readDifference(ask, this.#pathOf(calendar), name);
    // RFC 6578 §3.2: of a calendar that was deleted and made again, no token is good.
    assert.equal(difference, now === undefined ? undefined : 'unknown', `${name} of ${calendar}`);
  }

  /** Makes of what was there then what is there now; gives the new token. */
  async #differenceSince(ask: Ask, calendar: string, since: Known | undefined): Promise<string> {
    const difference = await readDifference(ask, this.#pathOf(calendar), since?.name ?? '');
    const what = `${calendar} since ${since?.name}`;
    assert.ok(typeof difference === 'object', `${what}: ${JSON.stringify(difference)}`);
    const { changed, removed, token } = difference;
    const result = new Map([...(since?.members ?? [])].map(([name, text]) => [name, etagOf(text)]));
    for (const name of removed) result.delete(name);
    for (const [name, etag] of changed) result.set(name, etag);
    const { members } = this.#state.get(calendar)!;
    const now = new Map([...members].map(([name, text]) => [name, etagOf(text)]));
    assert.deepEqual(sorted(result), sorted(now), what);
    const touched = new Set(this.#touched.slice(since?.touched ?? 0));
    for (const name of [...changed.keys(), ...removed])
      assert.ok(touched.has(`${calendar}/${name}`), `${what}: ${name} has not changed`);
    return token;
  }

  async #noteCommit(ask: Ask, calendar: string): Promise<void> {
    const path = encodeURIComponent(this.#pathOf(calendar));
    const answer = expectStatus(await ask('GET', `/api/history?path=${path}&limit=1`), 200);
    const { entries } = JSON.parse(answer.text) as { entries: { revision: string }[] };
    const { made, members } = this.#state.get(calendar)!;
    const name = entries[0]!.revision;
    this.#commits.push({ calendar, made, name, members, touched: this.#touched.length });
    this.#commits = this.#commits.slice(-maxKnown);
  }
}

type Described = ReadonlyMap<string, { displayName: string | undefined; etags: object }>;

function described(state: State): Described {
  return new Map(
    [...state].map(([calendar, { displayName, members }]) => {
      const etags = new Map([...members].map(([name, text]) => [name, etagOf(text)]));
      return [calendar, { displayName, etags: sorted(etags) }];
    }),
  );
}

function isSame(one: Described, other: Described): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

function show(state: Described | undefined): string {
  return state === undefined ? 'nothing else' : JSON.stringify([...state]);
}

function sorted(map: ReadonlyMap<string, string>): object {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function uidOf(text: string): string {
  return /UID:(.*)\r\n/.exec(text)![1]!;
}

function etagOf(text: string): string {
  return `"${blobId(Buffer.from(text))}"`;
}

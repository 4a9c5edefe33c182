/** An engine over memory with three people and a group, and a few words to ask it things. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { handle } from '../handle.ts';
import { LockTable } from '../locks/lock-table.ts';
import type { DavRequest } from '../request.ts';
import type { Actor, Operation } from '../storage/storage.ts';
import { attributeOf, childOf, childrenOf, type Element, textOf } from '../xml/element.ts';
import { DAV, expandName } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse-xml.ts';
import { groupNamed, MemoryDirectory, userNamed } from './memory-directory.ts';
import { blobId, MemoryStorage } from './memory-storage.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly octets: Uint8Array;
  readonly text: string;
};

export type Asking = {
  readonly user?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

const actor: Actor = {
  user: '',
  device: undefined,
  userAgent: undefined,
  method: '',
  target: '',
  requestId: '',
};

const decoder = new TextDecoder();

export class House {
  readonly storage: MemoryStorage = new MemoryStorage();
  readonly directory: MemoryDirectory;
  readonly engine: Engine;
  nowSeconds = 1_800_000_000;
  pauses = 0;

  /** `crowd`: so many people more, of whom nothing is known but their names. */
  constructor(quotaOctets?: number, crowd: number = 0) {
    const people = [
      ...[userNamed('ann', { quotaOctets }), userNamed('bob'), userNamed('carol')],
      ...Array.from({ length: crowd }, (_, i) => userNamed(`crowd-${i}`)),
    ];
    this.directory = new MemoryDirectory([...people, groupNamed('team')], { team: ['carol'] });
    this.engine = {
      storage: this.storage,
      directory: this.directory,
      locks: new LockTable(),
      blobId,
      random: (length) => new Uint8Array(randomBytes(length)),
      pause: async () => {
        this.pauses++;
      },
    };
  }

  request(method: string, target: string, { user, headers = {}, body }: Asking = {}): DavRequest {
    return {
      method,
      target,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]]),
      ),
      body: typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array(0)),
      user,
      device: undefined,
      baseUrl: 'http://dav.example.org',
      secure: true,
      requestId: 'r1',
      nowSeconds: this.nowSeconds,
    };
  }

  /** Past the engine and what it would refuse, as somebody who pushes to the repository does. */
  async push(operations: readonly Operation[]): Promise<void> {
    const { type } = await this.storage.write({
      operations,
      requirements: [],
      actor,
      summary: 'pushed',
    });
    assert.equal(type, 'written');
  }

  /** As Ann, unless it is said otherwise. */
  async ask(method: string, target: string, asking: Asking = {}): Promise<Answer> {
    const who = 'user' in asking ? asking : { ...asking, user: 'ann' };
    const { status, headers, body } = await handle(this.engine, this.request(method, target, who));
    const octets = await collect(body);
    return { status, headers, octets, text: decoder.decode(octets) };
  }

  /** A multistatus as a table: href → status or property → text. */
  async list(method: string, target: string, asking: Asking = {}): Promise<Multistatus> {
    const answer = await this.ask(method, target, asking);
    assert.equal(answer.status, 207, answer.text);
    return new Multistatus(answer);
  }

  async properties(
    target: string,
    names: readonly string[],
    asking: Asking = {},
  ): Promise<Multistatus> {
    const headers = { Depth: '0', ...asking.headers };
    return this.list('PROPFIND', target, { ...asking, headers, body: propfindBody(names) });
  }
}

export async function collect(
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array(0);
  if (body instanceof Uint8Array) return body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

export const namespaces =
  'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/" xmlns:ICAL="http://apple.com/ns/ical/" xmlns:X="http://example.com/x"';

export function propfindBody(names: readonly string[]): string {
  const inside = names.map((name) => `<${name}/>`).join('');
  return `<D:propfind ${namespaces}><D:prop>${inside}</D:prop></D:propfind>`;
}

export type Responded = {
  /** `D:status` of the response itself, where it has no propstats. */
  readonly status: number | undefined;
  /** Qualified by the prefixes above → element, by status. */
  readonly propstats: ReadonlyMap<number, readonly Element[]>;
  readonly element: Element;
};

export class Multistatus {
  readonly answer: Answer;
  readonly root: Element;
  readonly responses: Map<string, Responded> = new Map();

  constructor(answer: Answer) {
    this.answer = answer;
    this.root = parseXml(answer.octets);
    for (const element of childrenOf(this.root, DAV, 'response')) {
      const href = textOf(childOf(element, DAV, 'href')!);
      assert.ok(!this.responses.has(href) || statusIn(element) === 507, `${href} came twice`);
      const propstats = new Map<number, Element[]>();
      for (const propstat of childrenOf(element, DAV, 'propstat')) {
        const prop = childOf(propstat, DAV, 'prop')!;
        propstats.set(
          statusIn(propstat)!,
          prop.children.filter((one) => typeof one !== 'string'),
        );
      }
      this.responses.set(href, { status: statusIn(element), propstats, element });
    }
  }

  get hrefs(): string[] {
    return [...this.responses.keys()];
  }

  /** The element of a property that was found; undefined otherwise. */
  find(href: string, qualified: string, status = 200): Element | undefined {
    const { namespace, name } = expandName(qualified);
    const responded = this.responses.get(href);
    assert.ok(responded, `${href} is not in ${this.hrefs.join(' ')}`);
    return responded.propstats
      .get(status)
      ?.find((one) => one.name === name && one.namespace === namespace);
  }

  text(href: string, qualified: string): string | undefined {
    const element = this.find(href, qualified);
    return element && textOf(element);
  }

  /** Names of the elements in a property. */
  names(href: string, qualified: string): string[] {
    const element = this.find(href, qualified);
    return (element?.children ?? []).flatMap((one) => (typeof one === 'string' ? [] : [one.name]));
  }

  hrefIn(href: string, qualified: string): string[] {
    const element = this.find(href, qualified);
    return (element ? childrenOf(element, DAV, 'href') : []).map(textOf);
  }

  /** Values of the attribute `name` of the elements in a property. */
  attributes(href: string, qualified: string, attribute = 'name'): (string | undefined)[] {
    const element = this.find(href, qualified);
    return (element?.children ?? []).flatMap((one) =>
      typeof one === 'string' ? [] : [attributeOf(one, attribute)],
    );
  }

  get syncToken(): string {
    return textOf(childOf(this.root, DAV, 'sync-token')!);
  }
}

function statusIn(element: Element): number | undefined {
  const status = childOf(element, DAV, 'status');
  return status && Number(/^HTTP\/1\.1 (\d{3})/.exec(textOf(status))?.[1]);
}

/** The name of the precondition in a `D:error`, with what stands in it. */
export function errorIn(answer: Answer): string {
  const root = parseXml(answer.octets);
  assert.equal(root.name, 'error', answer.text);
  return root.children.filter((one) => typeof one !== 'string')[0]!.name;
}

export function calendarObject(lines: string, uid = 'one'): string {
  const event = `BEGIN:VEVENT\nUID:${uid}\nDTSTAMP:20260101T000000Z\n${lines.trim()}\nEND:VEVENT`;
  return calendarText(event);
}

export function calendarText(components: string): string {
  return `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\n${components.trim()}\nEND:VCALENDAR\n`.replaceAll(
    '\n',
    '\r\n',
  );
}

export const lunch: string = calendarObject(
  'DTSTART:20260301T120000Z\nDTEND:20260301T130000Z\nSUMMARY:Lunch',
  'lunch',
);

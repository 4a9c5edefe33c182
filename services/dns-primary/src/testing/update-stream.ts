/**
 * A client that sends one update after the other, each raising the serial by one, and knows what its
 * names must hold: what was acknowledged, and whether one more was on its way when the server ended.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Rcode } from '@riad/dns/iana/rcodes';
import { parseName } from '@riad/dns/name';
import type { Random } from '@riad/octets/testing/random';
import { signed, updateMessage } from './update-client.ts';

/** Names to values, each a TXT record. */
type Contents = ReadonlyMap<string, string>;

type Sent = { readonly octets: Uint8Array; readonly after: Contents };

const zone = 'example.com.';
/** A copy of a request that was not answered follows after so long. */
const repeatMs = 1000;
const patienceMs = 20_000;
const mostNames = 20;
const classNone = 254;
const classAny = 255;
const typeAny = 255;

export class UpdateStream {
  readonly #prefix: string;
  readonly #random: Random;
  #contents: Contents = new Map();
  #sent: Sent | undefined;
  #next = 0;
  acknowledged = 0;

  constructor(prefix: string, random: Random) {
    this.#prefix = prefix;
    this.#random = random;
  }

  /** Sends until `over` says so, or what was sent last is not answered any more. */
  async run(port: number, over: AbortSignal): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined); // the server is gone
    try {
      while (!over.aborted) {
        this.#sent ??= this.#make();
        const rcode = await exchange(socket, port, this.#sent.octets, over);
        if (rcode === undefined) return;
        if (rcode !== Rcode.NOERROR)
          throw new Error(`${this.#prefix}: an update was answered with ${rcode}`);
        this.#contents = this.#sent.after;
        this.#sent = undefined;
        this.acknowledged++;
      }
    } finally {
      socket.close();
    }
  }

  /** Sends again what was not answered, and has to be told that it is done. */
  async settle(port: number): Promise<void> {
    if (this.#sent === undefined) return;
    const over = AbortSignal.timeout(patienceMs);
    const socket = createSocket('udp4');
    const rcode = await exchange(socket, port, this.#sent.octets, over);
    socket.close();
    if (rcode !== Rcode.NOERROR)
      throw new Error(`${this.#prefix}: a copy was answered with ${rcode ?? 'nothing'}`);
    this.#contents = this.#sent.after;
    this.#sent = undefined;
    this.acknowledged++;
  }

  /** How many of its updates are in a zone; throws when it is not one that can be. */
  appliedIn(lines: readonly string[]): number {
    const found = lines.filter((line) => line.startsWith(`${this.#prefix}-`)).join('\n');
    if (found === textOf(this.#contents)) return this.acknowledged;
    if (this.#sent !== undefined && found === textOf(this.#sent.after))
      return this.acknowledged + 1;
    throw new Error(
      `${this.#prefix}: the zone has\n${found}\ninstead of\n${textOf(this.#contents)}\nor\n${this.#sent && textOf(this.#sent.after)}`,
    );
  }

  #make(): Sent {
    const after = new Map(this.#contents);
    const value = String(this.#next++);
    const names = [...after.keys()];
    const grows = names.length === 0 || (names.length < mostNames && this.#random.chance(0.6));
    if (grows) {
      const name = `${this.#prefix}-${value}`;
      after.set(name, value);
      // A second time would be answered with YXDOMAIN.
      return this.#sign(after, [`${name} 60 TXT "${value}"`], name, classNone);
    }
    const name = this.#random.pick(names);
    if (this.#random.chance(0.5)) {
      after.delete(name);
      return this.#sign(after, [`-- ${name} TXT`], name, classAny);
    }
    const before = after.get(name);
    after.set(name, value);
    const updates = [`- ${name} 60 TXT "${before}"`, `${name} 60 TXT "${value}"`];
    return this.#sign(after, updates, name, classAny);
  }

  /** `use`: whether the name must be in use or not (RFC 2136 §2.4.4, §2.4.5). */
  #sign(after: Contents, updates: readonly string[], name: string, use: number): Sent {
    const owner = parseName(`${name}.${zone}`);
    const prerequisite = {
      owner,
      type: typeAny,
      class: use,
      ttlSeconds: 0,
      rdata: new Uint8Array(0),
    };
    return { after, octets: signed(updateMessage(zone, updates, [prerequisite])).octets };
  }
}

function textOf(contents: Contents): string {
  return [...contents]
    .map(([name, value]) => `${name}.${zone} 60 TXT "${value}"`)
    .sort()
    .join('\n');
}

/** The code of the answer; undefined when none has come and it is over. */
async function exchange(
  socket: Socket,
  port: number,
  octets: Uint8Array,
  over: AbortSignal,
): Promise<number | undefined> {
  const id = (octets[0]! << 8) | octets[1]!;
  while (!over.aborted) {
    socket.send(octets, port, '127.0.0.1', () => undefined); // an error is like no answer
    const signal = AbortSignal.any([over, AbortSignal.timeout(repeatMs)]);
    try {
      for (;;) {
        const [answer] = (await once(socket, 'message', { signal })) as [Uint8Array];
        if (((answer[0]! << 8) | answer[1]!) === id) return answer[3]! & 15;
      }
    } catch {
      // Another copy, or the end.
    }
  }
  return undefined;
}

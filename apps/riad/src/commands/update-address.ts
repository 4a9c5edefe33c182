/**
 * `riad update address NAME`: lets a name have this machine’s address, as a client of dynamic DNS does.
 * The server is asked what the name has, and told only what differs.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { equalNames, formatName, type Name } from '@riad/dns/name';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { addRecord, deleteRrset } from '@riad/dns-server/update/update-request';
import { octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';
import { exchange } from '../exchange.ts';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { type Addresses, addressesOf, addressTowards } from '../own-address.ts';
import { Refusal } from '../refusal.ts';
import { positive, serverOf } from '../server-option.ts';
import { signingKey } from '../signing-key.ts';
import { question, zoneOfName } from '../zone-of-name.ts';
import type { Server } from './query-transport.ts';
import { sendUpdate, type UpdateOptions } from './update.ts';

export type AddressOptions = UpdateOptions & {
  readonly address?: readonly string[];
  readonly interface?: string;
  readonly watch?: boolean;
  readonly every: string;
  readonly confirm: string;
  readonly ttl: string;
};

/** After a failure the next try comes later and later, up to this. */
const mostPatienceMs = 600_000;

export async function run(
  nameText: string,
  options: AddressOptions,
  output: Output = process,
  signal: AbortSignal = untilStopped(options.watch === true),
): Promise<number> {
  const name = nameOf(nameText);
  const server = serverOf(options.server, options);
  const key = await signingKey(options, output);
  const ttlSeconds = positive('--ttl', options.ttl, 2 ** 31 - 1);
  const everyMs = positive('--every', options.every, 86_400) * 1000;
  const confirmMs = positive('--confirm', options.confirm, 31 * 86_400) * 1000;
  const zone = options.zone === undefined ? undefined : nameOf(options.zone, 'zone');
  const parts = { name, server, key, ttlSeconds, zone, options, output };
  if (!options.watch) return (await setAddress(parts)) === 'refused' ? 1 : 0;
  let failures = 0;
  let seen = '';
  let unconfirmedMs = 0;
  while (!signal.aborted) {
    try {
      // While the machine keeps its addresses the server is left in peace, once it has them. But now
      // and then it is asked whether it still has: somebody may have restored an older zone.
      const now = JSON.stringify(await ownAddresses(options, server));
      if (now !== seen || unconfirmedMs >= confirmMs) {
        const outcome = await setAddress(parts, now !== seen);
        if (outcome === 'refused') throw new Refusal('trying again later');
        seen = now;
        unconfirmedMs = 0;
      }
      failures = 0;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      output.stderr.write(`${error.message}\n`);
      failures++;
    }
    const waitMs = Math.max(everyMs, Math.min(everyMs * 2 ** failures, mostPatienceMs));
    unconfirmedMs += waitMs;
    await setTimeout(waitMs, undefined, { signal }).catch(() => {});
  }
  return 0;
}

function untilStopped(watch: boolean): AbortSignal {
  const stop = new AbortController();
  if (watch)
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

async function ownAddresses(options: AddressOptions, server: Server): Promise<Addresses> {
  const { address = [], interface: interfaceName } = options;
  if (address.length > 0 && interfaceName !== undefined) {
    throw new Refusal('give --address or --interface, not both');
  }
  if (interfaceName !== undefined) return addressesOf(interfaceName);
  if (address.length === 0) return addressTowards(server);
  for (const each of address) {
    if (!isIPv4(each) && !isIPv6(each)) throw new Refusal(`--address ${each}: not an IP address`);
  }
  return { v4: address.filter((each) => isIPv4(each)), v6: address.filter((each) => isIPv6(each)) };
}

type Parts = {
  readonly name: Name;
  readonly server: Server;
  readonly key: TsigKey | undefined;
  readonly ttlSeconds: number;
  readonly zone: Name | undefined;
  readonly options: AddressOptions;
  readonly output: Output;
};

/** `tellSame`: says so, too, when there was nothing to do. */
async function setAddress(
  parts: Parts,
  tellSame: boolean = true,
): Promise<'same' | 'changed' | 'refused'> {
  const { name, server, key, ttlSeconds, options } = parts;
  const { v4, v6 } = await ownAddresses(options, server);
  if (v4.length + v6.length === 0) {
    throw new Refusal(`${options.interface}: it has no address that others could use`);
  }
  const text = formatName(name);
  const sets = [
    { type: RecordTypeCode.A, word: 'A', wanted: v4, octetsOf: octetsOfIpv4 },
    { type: RecordTypeCode.AAAA, word: 'AAAA', wanted: v6, octetsOf: octetsOfIpv6 },
  ];
  const updates = [];
  const changes: string[] = [];
  for (const { type, word, wanted, octetsOf } of sets) {
    // An interface says all; what was given, or leads to the server, says nothing of the other family.
    if (wanted.length === 0 && options.interface === undefined) continue;
    const data = wanted.map((address) => octetsOf(address)!);
    const present = await dataAt(name, type, server);
    if (sameSets(present, data)) continue;
    updates.push(deleteRrset(name, type));
    for (const rdata of data) updates.push(addRecord(name, type, ttlSeconds, rdata));
    changes.push(`${word} ${wanted.join(' ') || 'none'}`);
  }
  if (updates.length === 0) {
    if (tellSame) report(parts, true, [], `${text} has the address already`);
    return 'same';
  }
  const zone = parts.zone ?? (await zoneOfName(name, server));
  const { result } = await sendUpdate(zone, { prerequisites: [], updates }, server, key);
  const why = result.reason === undefined ? '' : `: ${result.reason}`;
  const sentence = result.good
    ? `${text} has now ${changes.join(', ')}`
    : `${text}: not changed: ${result.rcode}${why}`;
  report(parts, result.good, changes, sentence);
  return result.good ? 'changed' : 'refused';
}

function report(
  { name, options, output }: Parts,
  good: boolean,
  changes: readonly string[],
  sentence: string,
): void {
  output.stderr.write(`${sentence}\n`);
  if (!options.json) return;
  output.stdout.write(`${JSON.stringify({ name: formatName(name), good, changes })}\n`);
}

/** What the name has. Beside an alias there can be no address, and an update that adds one does nothing. */
async function dataAt(name: Name, type: number, server: Server): Promise<Uint8Array[]> {
  const answer = await exchange(question(name, type), server, undefined, 'tcp');
  const { rcode, answers } = answer;
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
    throw new Refusal(
      `${server.address} does not say what ${formatName(name)} has: ${formatRcode(rcode)}`,
    );
  }
  const own = answers.filter(({ owner }) => equalNames(owner, name));
  if (own.some((record) => record.type === RecordTypeCode.CNAME)) {
    throw new Refusal(`${formatName(name)} is an alias, and has no address of its own`);
  }
  return own.filter((record) => record.type === type).map(({ rdata }) => rdata);
}

function sameSets(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  const texts = (set: readonly Uint8Array[]): string[] =>
    set.map((octets) => octets.toHex()).sort();
  const [first, second] = [texts(a), texts(b)];
  return first.length === second.length && first.every((text, i) => text === second[i]);
}

/** Random dynamic updates: what is added and taken away, and what has to hold before. */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { type Name, parseName } from '@riad/dns/name';
import { serialOfSoa, soa } from '@riad/dns/rdata/soa';
import type { Random } from '@riad/octets/testing/random';
import { Writer } from '@riad/octets/writer';
import {
  deleteName,
  deleteRrset,
  nameIsInUse,
  nameIsNotInUse,
  rrsetDoesNotExist,
  rrsetExists,
  rrsetHasRecord,
} from '../../update/update-request.ts';
import type { ZoneRecord } from '../../zone-image/zone-commit.ts';
import { recordsOf } from '../built-zone.ts';

export type Times = { readonly refresh: number; readonly retry: number; readonly expire: number };

const hosts = 14;

/** The zone before any update: with glue below a cut, an alias, a wildcard and an empty non-terminal. */
export function firstZone(zone: string, serial: number, times: Times): ZoneRecord[] {
  const { refresh, retry, expire } = times;
  const lines = [`@ 60 SOA ns h ${serial} ${refresh} ${retry} ${expire} 60`, '@ 60 NS ns'];
  lines.push('@ 60 NS ns2', 'ns 60 A 192.0.2.1', 'sub 60 NS ns.sub', 'ns.sub 60 A 192.0.2.2');
  lines.push('alias 60 CNAME ns', '*.wild 60 TXT "w"', 'below.ent 60 TXT "e"');
  for (let i = 0; i < hosts; i++) lines.push(`h${i} 60 A 192.0.2.${i}`);
  return recordsOf(zone, `${lines.join('\n')}\n`);
}

/** Records to add and to take away; now and then a SOA, as far ahead as `aheadBy` says. */
export function randomChange(
  zone: string,
  soaInForce: ZoneRecord,
  random: Random,
  aheadBy: () => number,
): ResourceRecord {
  const apex = soaInForce.owner;
  const add = (text: string): ResourceRecord => ({ ...recordOf(zone, text), class: 1 });
  const remove = (text: string): ResourceRecord => ({ ...add(text), class: 254, ttlSeconds: 0 });
  const name = `h${random.below(hosts + 4)}`;
  const address = `192.0.2.${random.below(8)}`;
  switch (random.below(11)) {
    case 0:
      return remove(`${name} 60 A ${address}`);
    case 1: {
      const { owner } = add(`${name} 60 A ${address}`);
      return random.chance(0.5) ? deleteRrset(owner, RecordTypeCode.A) : deleteName(owner);
    }
    case 2:
      return add(`${name} ${random.pick([30, 60, 90])} A ${address}`); // often the TTL alone
    case 3:
      return add(
        `${random.pick([name, 'alias', 'x.wild'])} 60 CNAME ${random.pick(['ns', 'ns2'])}`,
      );
    case 4:
      return remove(`alias 60 CNAME ${random.pick(['ns', 'ns2', 'h1'])}`);
    case 5:
      return movedSoa(soaInForce, aheadBy());
    case 6: // never all of them
      return random.pick([
        deleteName(apex),
        deleteRrset(apex, RecordTypeCode.NS),
        remove(`@ 60 NS ${random.pick(['ns', 'ns2'])}`),
        add(`@ 60 NS ${random.pick(['ns', 'ns2', 'ns3'])}`),
      ]);
    case 7: // glue
      return random.pick([remove, add])(`ns.sub 60 A 192.0.2.${random.between(2, 3)}`);
    default:
      return add(`${name} 60 ${random.pick([`A ${address}`, `TXT "${random.below(4)}"`])}`);
  }
}

/** The SOA with another serial. */
export function movedSoa({ owner, rdata }: ZoneRecord, ahead: number): ResourceRecord {
  const view = new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 20, 20);
  const writer = new Writer(64);
  soa.encode(
    {
      ...{ primary: parseName('ns.'), mailbox: parseName('h.') },
      serial: (serialOfSoa(rdata) + ahead) >>> 0,
      ...{ refresh: view.getUint32(4), retry: view.getUint32(8), expire: view.getUint32(12) },
      minimum: 60,
    },
    writer,
  );
  const type = RecordTypeCode.SOA;
  return { owner, type, class: 1, ttlSeconds: 60, rdata: writer.copy() };
}

/** Of each form of RFC 2136 §2.4; often one that holds. */
export function randomPrerequisites(
  zone: string,
  records: readonly ZoneRecord[],
  random: Random,
): ResourceRecord[] {
  const name = random.pick([
    `h${random.below(hosts + 4)}`,
    ...['alias', 'sub', 'ns.sub', 'www.sub', 'ent', 'below.ent', '*.wild', 'x.wild', '@'],
  ]);
  const { owner } = recordOf(zone, `${name} 60 A 192.0.2.1`);
  const { A, TXT, CNAME, NS } = RecordTypeCode;
  const type = random.pick([A, A, TXT, CNAME, NS]);
  switch (random.below(5)) {
    case 0:
      return [nameIsInUse(owner)];
    case 1:
      return [nameIsNotInUse(owner)];
    case 2:
      return [rrsetExists(owner, type)];
    case 3:
      return [rrsetDoesNotExist(owner, type)];
    default:
      return valuesOf(owner, type, records, random);
  }
}

/** All that there are, in any order; now and then one less, or one more. */
function valuesOf(
  owner: Name,
  type: number,
  records: readonly ZoneRecord[],
  random: Random,
): ResourceRecord[] {
  const there = records.filter(
    (record) => record.type === type && record.owner.toHex() === owner.toHex(),
  );
  const values = there.map(({ rdata }) => rrsetHasRecord(owner, type, rdata));
  if (random.chance(0.5)) values.reverse();
  if (random.chance(0.2)) values.pop();
  if (values.length === 0 || (type === RecordTypeCode.A && random.chance(0.1)))
    values.push(rrsetHasRecord(owner, RecordTypeCode.A, Uint8Array.of(192, 0, 2, 99)));
  return values;
}

const parsed = new Map<string, ZoneRecord>();

/** Of one line; the same few come again and again. */
function recordOf(zone: string, line: string): ZoneRecord {
  const key = `${zone} ${line}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const [record] = recordsOf(zone, `${line}\n`);
  if (parsed.size < 10_000) parsed.set(key, record!);
  return record!;
}

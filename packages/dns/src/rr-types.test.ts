/** The record map, and at compile time what asking it gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ipv4Address } from '@riad/octets/ip-address';
import { RecordTypeCode } from './iana/record-types.ts';
import type { ResourceRecord } from './message.ts';
import { type Name, parseName } from './name.ts';
import type { Mx } from './rdata/mx.ts';
import type { Soa } from './rdata/soa.ts';
import { type Many, type One, RecordMap, type RrTypes } from './rr-types.ts';
import { rdataOf } from './testing/rdata-text.ts';

// biome-ignore format: the usual test for two types being one and the same
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const proven = <Proof extends true>(): Proof | undefined => undefined;

const lookup = <Type extends keyof RrTypes>(type: Type) => map.lookup(parseName('.'), type);
proven<Same<RrTypes['A']['addresses'], ReadonlySet<Ipv4Address>>>();
proven<Same<RrTypes['SOA'], One<Soa>>>();
proven<Same<RrTypes['SOA']['value'], Soa>>();
proven<Same<RrTypes['CNAME']['value'], { readonly target: Name }>>();
proven<Same<RrTypes['DNAME']['value'], { readonly target: Name }>>();
proven<Same<RrTypes['MX'], Many<Mx>>>();
proven<Same<ReturnType<typeof lookup<'SOA'>>, One<Soa> | undefined>>();

const record = (owner: string, type: keyof RrTypes, text: string): ResourceRecord => ({
  owner: parseName(owner),
  type: RecordTypeCode[type],
  class: 1,
  ttlSeconds: 300,
  rdata: rdataOf(type, text),
});

const map = new RecordMap([
  record('example.', 'SOA', 'ns hostmaster 1 2 3 4 5'),
  record('www.example.', 'A', '192.0.2.1'),
  record('WWW.example.', 'A', '192.0.2.2'),
  record('www.example.', 'A', '192.0.2.1'),
  record('www.example.', 'AAAA', '2001:db8::1'),
  record('example.', 'MX', '10 mail'),
  record('example.', 'MX', '20 mail2'),
  { ...record('www.example.', 'A', '192.0.2.9'), class: 4 },
]);

test('asking for A gives a set of IPv4 addresses, whatever the case of the owner', () => {
  const found = map.lookup(parseName('wWw.EXAMPLE.'), 'A');
  assert.deepEqual(found?.addresses, new Set(['192.0.2.1', '192.0.2.2']));
  assert.equal(found?.ttlSeconds, 300);
});

test('asking for SOA gives one SOA', () => {
  assert.equal(map.lookup(parseName('example.'), 'SOA')?.value.serial, 1);
});

test('asking for MX gives all of them', () => {
  const found = map.lookup(parseName('example.'), 'MX');
  assert.deepEqual(
    found?.values.map(({ preference }) => preference),
    [10, 20],
  );
});

test('what is not there is undefined', () => {
  assert.equal(map.lookup(parseName('example.'), 'TXT'), undefined);
  assert.equal(map.lookup(parseName('other.'), 'SOA'), undefined);
});

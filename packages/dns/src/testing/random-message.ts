/** Random messages and random damage to them, from a seeded source. */

import type { Random } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import { parseRecordType } from '../iana/record-types.ts';
import type { Message, ResourceRecord } from '../message.ts';
import { maxNameOctets, type Name, nameFromLabels } from '../name.ts';
import { recordTypeOf } from '../rdata/registry.ts';
import { examples } from './rdata-examples.ts';
import { rdataOf } from './rdata-text.ts';

const words = ['www', 'WWW', 'mail', 'ns1', 'a', 'example', 'net', '_tcp', '*'].map(encodeUtf8);

export function randomName(random: Random): Name {
  const labels: Uint8Array[] = [];
  let length = 1;
  for (let count = random.below(random.chance(0.02) ? 128 : 5); count > 0; count--) {
    const label = random.chance(0.9) ? random.pick(words) : random.octets(random.between(1, 63));
    if (length + label.length + 1 > maxNameOctets) break;
    length += label.length + 1;
    labels.push(label);
  }
  return nameFromLabels(labels);
}

// One wire form of each example; TSIG and OPT have places of their own.
const samples = [...examples].flatMap(([mnemonic, texts]) =>
  mnemonic === 'TSIG'
    ? []
    : texts.map(([text]) => ({ type: parseRecordType(mnemonic)!, rdata: rdataOf(mnemonic, text) })),
);

export function randomRecord(random: Random): ResourceRecord {
  const owner = randomName(random);
  const ttlSeconds = random.below(2 ** 31);
  if (random.chance(0.1)) {
    const rdata = random.octets(random.below(40));
    return { owner, type: random.between(65_280, 65_534), class: 1, ttlSeconds, rdata };
  }
  const sample = random.pick(samples);
  const onlyClass = recordTypeOf(sample.type).onlyClass ?? random.pick([1, 1, 4]);
  return { owner, ttlSeconds, class: onlyClass, ...sample };
}

export function randomMessage(random: Random): Message {
  const records = (most: number): ResourceRecord[] =>
    Array.from({ length: random.below(most + 1) }, () => randomRecord(random));
  const flag = (): boolean => random.chance(0.5);
  const options = [
    { code: 3, octets: random.octets(4) },
    { code: 10, octets: random.octets(random.pick([8, 16, 40])) },
    { code: 12, octets: new Uint8Array(random.below(20)) },
    { code: random.between(100, 60_000), octets: random.octets(random.below(9)) },
  ].filter(() => random.chance(0.4));
  const edns = {
    udpPayloadOctets: random.between(512, 4096),
    version: 0,
    dnssecOk: flag(),
    options,
  };
  const signed: ResourceRecord = {
    owner: randomName(random),
    type: 250,
    class: 255,
    ttlSeconds: 0,
    rdata: rdataOf('TSIG', 'hmac-sha256. 1123456789012 300 4 AQIDBA== 4660 NOERROR 0'),
  };
  const withEdns = random.chance(0.6);
  return {
    id: random.below(65_536),
    opcode: random.pick([0, 0, 0, 4]),
    rcode: random.below(withEdns ? 24 : 16),
    flags: { qr: flag(), aa: flag(), tc: flag(), rd: flag(), ra: flag(), ad: flag(), cd: flag() },
    questions: [{ name: randomName(random), type: random.pick([1, 2, 28, 255]), class: 1 }],
    answers: records(4),
    authorities: records(2),
    additionals: records(3),
    ...(withEdns && { edns }),
    ...(random.chance(0.2) && { tsig: { record: signed, offset: 0 } }),
  };
}

/** A copy with a few octets changed, inserted, left out or repeated, or lengths and counts moved. */
export function randomMutation(octets: Uint8Array, random: Random): Uint8Array {
  let mutated = Array.from(octets);
  for (let count = random.between(1, 3); count > 0; count--) {
    const at = random.below(mutated.length);
    const kind = random.below(6);
    if (kind === 0) mutated[at] = random.below(256);
    else if (kind === 1) mutated[at] = (mutated[at]! + random.pick([1, 255])) & 255;
    else if (kind === 2) mutated.splice(at, 1);
    else if (kind === 3) mutated.splice(at, 0, random.below(256));
    else if (kind === 4) mutated.splice(at, 2, 0xc0, random.below(64));
    else mutated = mutated.concat(mutated.slice(at, at + random.below(30)));
    if (mutated.length === 0) mutated.push(0);
  }
  return Uint8Array.from(mutated);
}

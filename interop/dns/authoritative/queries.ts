/**
 * Queries over a set of zones: for what is there, what nearly is, what lies between, below and
 * beside; with and without EDNS, DO and RD, in mixed case. The same seed gives the same queries.
 */

import { formatRecordType, RecordTypeCode as Type } from '@riad/dns/iana/record-types';
import {
  formatName,
  labelsOf,
  type Name,
  nameFromLabels,
  nameKey,
  parseName,
  root,
} from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { fold } from '@riad/octets/ascii';
import { Reader } from '@riad/octets/reader';
import type { Random } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { ServedZone } from '../../peers/server.ts';

export type Query = {
  /** The whole message, with ID 0. */
  readonly octets: Uint8Array;
  readonly name: Name;
  readonly type: number;
  readonly edns: { readonly udpPayloadSize: number; readonly do: boolean } | undefined;
  readonly rd: boolean;
  /** What kind of name was asked for. */
  readonly about: string;
  /** All of it in a line. */
  readonly text: string;
};

type Node = { readonly name: Name; readonly types: Set<number> };
type Inventory = {
  readonly apexes: readonly Name[];
  readonly nodes: readonly Node[];
  readonly byKey: ReadonlyMap<string, Node>;
  readonly cuts: readonly Name[];
  readonly dnames: readonly Name[];
  readonly wildcards: readonly Name[];
  readonly betweens: readonly Name[];
  readonly targets: readonly Name[];
};

const commonTypes = [
  Type.A,
  Type.AAAA,
  Type.NS,
  Type.SOA,
  Type.CNAME,
  Type.MX,
  Type.TXT,
  Type.PTR,
  Type.SRV,
  Type.DNAME,
];
const rareTypes = [
  Type.DNSKEY,
  Type.NSEC,
  Type.NSEC3,
  Type.NSEC3PARAM,
  Type.RRSIG,
  Type.CAA,
  Type.NAPTR,
  Type.HTTPS,
  Type.CDS,
  65280,
  999,
];

export function makeQueries(zones: readonly ServedZone[], count: number, random: Random): Query[] {
  const known = inventory(zones);
  const queries: Query[] = [];
  while (queries.length < count) {
    const [about, name] = pickName(known, random);
    const node = known.byKey.get(nameKey(name));
    queries.push(makeQuery(name, pickType(node, about, random), about, random));
  }
  return queries;
}

function pickName(known: Inventory, random: Random): [string, Name] {
  const { nodes, cuts, dnames, wildcards, betweens, targets, apexes } = known;
  const name = (): Name => random.pick(nodes).name;
  const somewhere = [root, parseName('test.'), parseName('arpa.'), ...apexes];
  // A weight, what it is called, what it is made from, and how.
  const kinds: readonly [number, string, readonly Name[], (of: readonly Name[]) => Name][] = [
    [30, 'a name that is there', apexes, name],
    [8, 'an apex', apexes, (of) => random.pick(of)],
    [10, 'a near miss', apexes, () => nearMiss(name(), random)],
    [8, 'an empty non-terminal', betweens, (of) => random.pick(of)],
    [8, 'below a name', apexes, () => below(name(), random)],
    [8, 'a zone cut', cuts, (of) => random.pick(of)],
    [8, 'below a zone cut', cuts, (of) => below(random.pick(of), random)],
    [6, 'below a DNAME', dnames, (of) => below(random.pick(of), random)],
    [
      10,
      'below a wildcard’s parent',
      wildcards,
      (of) => below(random.pick(of).subarray(2), random),
    ],
    [4, 'below a wildcard', wildcards, (of) => below(random.pick(of), random)],
    [6, 'a target', targets, (of) => random.pick(of)],
    [4, 'anywhere', somewhere, (of) => below(random.pick(of), random)],
  ];
  const possible = kinds.filter(([, , of]) => of.length > 0);
  let dice = random.below(possible.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, about, of, make] of possible) {
    if (dice < weight) return [about, make(of)];
    dice -= weight;
  }
  throw new RangeError('the weights do not add up');
}

function pickType(node: Node | undefined, about: string, random: Random): number {
  if (about === 'a zone cut' && random.chance(0.4)) return Type.DS;
  if (about === 'an apex' && random.chance(0.2))
    return random.pick([Type.DS, Type.DNSKEY, Type.SOA, Type.NS]);
  if (random.chance(0.03)) return 255; // ANY
  if (node !== undefined && random.chance(0.6)) return random.pick([...node.types]);
  if (random.chance(0.05)) return Type.DS;
  return random.pick(random.chance(0.85) ? commonTypes : rareTypes);
}

function makeQuery(exact: Name, type: number, about: string, random: Random): Query {
  const name = random.chance(0.2) ? mixedCase(exact, random) : exact;
  const rd = random.chance(0.3);
  const edns = random.chance(0.65)
    ? { udpPayloadSize: random.pick([512, 1232, 1232, 4096]), do: random.chance(0.6) }
    : undefined;
  const flags =
    edns === undefined ? 'no EDNS' : `EDNS ${edns.udpPayloadSize}${edns.do ? ' DO' : ''}`;
  const text = `${formatName(name)} ${type === 255 ? 'ANY' : formatRecordType(type)}, ${flags}${rd ? ', RD' : ''}`;
  return { octets: encodeQuery(name, type, edns, rd), name, type, edns, rd, about, text };
}

export function encodeQuery(
  name: Name,
  type: number,
  edns: Query['edns'],
  rd: boolean,
): Uint8Array {
  const header = [0, 0, rd ? 1 : 0, 0, 0, 1, 0, 0, 0, 0, 0, edns === undefined ? 0 : 1];
  const question = [...name, type >> 8, type & 0xff, 0, 1];
  if (edns === undefined) return Uint8Array.from([...header, ...question]);
  const { udpPayloadSize: size } = edns;
  const opt = [0, 0, 41, size >> 8, size & 0xff, 0, 0, edns.do ? 0x80 : 0, 0, 0, 0]; // RFC 6891 §6.1.2
  return Uint8Array.from([...header, ...question, ...opt]);
}

function mixedCase(name: Name, random: Random): Name {
  return name.map((octet) => {
    const lower = fold(octet);
    const letter = lower >= 0x61 && lower <= 0x7a;
    return letter && random.chance(0.5) ? lower ^ 0x20 : octet;
  });
}

const words = [
  'a',
  'b',
  'www',
  'x',
  '*',
  'ns',
  'zzz',
  '0',
  '_tcp',
  'foo',
  'bar',
  'sub',
  '\u0000',
  '~',
];

function below(name: Name, random: Random): Name {
  const labels = [...labelsOf(name)];
  for (let i = random.between(1, 3); i > 0; i--) labels.unshift(encodeUtf8(random.pick(words)));
  return fitting(labels) ?? name;
}

/** The name with one label changed: another character, one more, or one less. */
function nearMiss(name: Name, random: Random): Name {
  const labels = labelsOf(name).map((label) => label.slice());
  if (labels.length === 0) return below(name, random);
  const at = random.below(Math.min(2, labels.length));
  const label = labels[at]!;
  const choice = random.below(4);
  if (choice === 0) label[random.below(label.length)]! ^= 1;
  else if (choice === 1 && label.length < 63)
    labels[at] = Uint8Array.from([...label, 0x30 + random.below(10)]);
  else if (choice === 2 && label.length > 1) labels[at] = label.slice(0, -1);
  else labels.splice(at, 1);
  return fitting(labels) ?? name;
}

function fitting(labels: readonly Uint8Array[]): Name | undefined {
  const octets = labels.reduce((sum, label) => sum + label.length + 1, 1);
  return octets > 255 ? undefined : nameFromLabels(labels);
}

/** What there is to ask about. */
function inventory(zones: readonly ServedZone[]): Inventory {
  const nodes = new Map<string, Node>();
  const targets = new Map<string, Name>();
  const cuts = new Map<string, Name>();
  const apexes = zones.map(({ name }) =>
    parseName(name === '.' ? '.' : `${name.replace(/\.$/, '')}.`),
  );
  zones.forEach(({ text }, i) => {
    const apex = apexes[i]!;
    const octets = typeof text === 'string' ? encodeUtf8(text) : text;
    readZoneFile(
      octets,
      { file: 'zone', origin: apex },
      {
        record: (ownerBuffer, ownerLength, _same, type, recordClass, _ttl, rdata, start, end) => {
          const owner = ownerBuffer.slice(0, ownerLength);
          const key = nameKey(owner);
          const node = nodes.get(key) ?? { name: owner, types: new Set<number>() };
          nodes.set(key, node);
          node.types.add(type);
          if (type === Type.NS && key !== nameKey(apex)) cuts.set(key, owner);
          if (
            type === Type.NS ||
            type === Type.CNAME ||
            type === Type.DNAME ||
            type === Type.MX ||
            type === Type.SRV
          ) {
            const value = recordTypeOf(type, recordClass).decode(
              new Reader(rdata.slice(start, end)),
            );
            for (const field of Object.values(value)) {
              if (field instanceof Uint8Array) targets.set(nameKey(field), field);
            }
          }
        },
      },
    );
  });
  const betweens = new Map<string, Name>();
  for (const { name } of nodes.values()) {
    for (let at = name[0]! + 1; at < name.length; at += name[at]! + 1) {
      const ancestor = name.subarray(at);
      if (ancestor.length > 1 && !nodes.has(nameKey(ancestor)))
        betweens.set(nameKey(ancestor), ancestor);
    }
  }
  // Hashed owner names are no names of the zone (RFC 5155 §7.2.8): a few of them are enough.
  let hashed = 0;
  const all = [...nodes.values()].filter(
    ({ types }) => !types.has(Type.NSEC3) || hashed++ % 16 === 0,
  );
  return {
    apexes,
    nodes: all,
    byKey: nodes,
    cuts: [...cuts.values()],
    dnames: all.filter(({ types }) => types.has(Type.DNAME)).map(({ name }) => name),
    wildcards: all.map(({ name }) => name).filter((name) => name[0] === 1 && name[1] === 0x2a),
    betweens: [...betweens.values()],
    targets: [...targets.values()],
  };
}

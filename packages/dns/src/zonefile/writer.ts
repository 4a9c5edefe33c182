/**
 * Prints records as a tidy master file: `$ORIGIN` and `$TTL` on top, owners in a column and only
 * where they change, the SOA over several lines with what its numbers mean, long base64 and hex
 * broken. Reading it gives the same records. Comments of a file are kept by `syntax-tree.ts`, not here.
 */

import { compareOctets } from '@riad/octets/ascii';
import { formatRecordClass, RecordClass } from '../iana/classes.ts';
import { formatRecordType, RecordTypeCode as Type } from '../iana/record-types.ts';
import { compareNames, equalNames, formatName, isSubdomain, type Name, root } from '../name.ts';
import { recordTypeOf } from '../rdata/registry.ts';

export type ZoneRecord = {
  readonly owner: Name;
  readonly type: number;
  readonly recordClass: number;
  readonly ttlSeconds: number;
  /** In wire form, uncompressed. */
  readonly rdata: Uint8Array;
};

const maxLineColumns = 100;
const pieceColumns = 56; // RFC 4034's own examples break near here
const maxOwnerColumns = 32;

/** Types that end in base64 or hex, which white space may interrupt. */
const endsInOctets = new Set<number>([
  Type.KEY,
  Type.SIG,
  Type.CERT,
  Type.DS,
  Type.SSHFP,
  Type.IPSECKEY,
  Type.RRSIG,
  Type.DNSKEY,
  Type.DHCID,
  Type.TLSA,
  Type.SMIMEA,
  Type.CDS,
  Type.CDNSKEY,
  Type.OPENPGPKEY,
  Type.ZONEMD,
]);

/** The lines of the file, each with its end; records are written in the order given. */
export function* formatZone(records: readonly ZoneRecord[], origin: Name): Generator<string> {
  const defaultTtl = commonestTtl(records);
  yield `$ORIGIN ${formatName(origin)}\n`;
  if (defaultTtl !== undefined) yield `$TTL ${defaultTtl}\n`;
  let ownerColumns = 0;
  let ttlColumns = 0;
  for (const { owner, ttlSeconds } of records) {
    const length = formatRelativeName(owner, origin).length;
    if (length <= maxOwnerColumns) ownerColumns = Math.max(ownerColumns, length);
    if (ttlSeconds !== defaultTtl) ttlColumns = Math.max(ttlColumns, String(ttlSeconds).length + 1);
  }
  let before: Name | undefined;
  for (const { owner, type, recordClass, ttlSeconds, rdata } of records) {
    const same = before !== undefined && sameSpelling(owner, before);
    before = owner;
    const ownerText = same ? '' : formatRelativeName(owner, origin);
    const ttlText = ttlSeconds === defaultTtl ? '' : String(ttlSeconds);
    const classText = recordClass === RecordClass.IN ? '' : `${formatRecordClass(recordClass)} `;
    const head = `${ownerText.padEnd(ownerColumns)} ${ttlText.padEnd(ttlColumns)}${classText}`;
    yield `${formatRecord(head, type, recordClass, rdata)}\n`;
  }
}

/**
 * The order of a tidy file: the apex first, then names in canonical order; at a name SOA, NS, then
 * types by number, and signatures behind what they sign.
 */
export function sortRecords(records: readonly ZoneRecord[], origin: Name): ZoneRecord[] {
  const apex = (name: Name): number => (equalNames(name, origin) ? 0 : 1);
  return [...records].sort(
    (a, b) =>
      apex(a.owner) - apex(b.owner) ||
      compareNames(a.owner, b.owner) ||
      rank(a) - rank(b) ||
      compareOctets(a.rdata, b.rdata),
  );
}

function rank({ type, rdata }: ZoneRecord): number {
  const signature = type === Type.RRSIG && rdata.length > 1;
  const of = signature ? (rdata[0]! << 8) | rdata[1]! : type; // RFC 4034 §3.1.1: type covered first
  const first = of === Type.SOA ? 0 : of === Type.NS ? 1 : of + 2;
  return first * 2 + (signature ? 1 : 0);
}

/** The name as it is written below `origin`: `@`, relative, or absolute if it lies elsewhere. */
export function formatRelativeName(name: Name, origin: Name): string {
  if (origin.length === 1 || !isSubdomain(name, origin)) return formatName(name);
  const own = name.length - origin.length;
  // Completion would spell the end as the origin does, so another spelling stays absolute.
  for (let i = 0; i < origin.length; i++) if (name[own + i] !== origin[i]) return formatName(name);
  if (own === 0) return '@';
  const relative = new Uint8Array(own + root.length);
  relative.set(name.subarray(0, own));
  return formatName(relative).slice(0, -1);
}

function sameSpelling(a: Name, b: Name): boolean {
  return compareOctets(a, b) === 0;
}

function commonestTtl(records: readonly ZoneRecord[]): number | undefined {
  const counts = new Map<number, number>();
  let best: number | undefined;
  for (const { ttlSeconds } of records) {
    const count = (counts.get(ttlSeconds) ?? 0) + 1;
    counts.set(ttlSeconds, count);
    if (best === undefined || count > (counts.get(best) ?? 0)) best = ttlSeconds;
  }
  return best;
}

function formatRecord(head: string, type: number, recordClass: number, rdata: Uint8Array): string {
  const text = recordTypeOf(type, recordClass).format(rdata);
  const start = `${head}${formatRecordType(type)}`;
  if (type === Type.SOA && !text.startsWith('\\#')) return formatSoa(start, text);
  const line = `${start} ${text}`;
  if (line.length <= maxLineColumns) return line;
  const indent = `\n${' '.repeat(Math.min(head.length, maxOwnerColumns))}  `;
  if (type === Type.TXT || type === Type.SPF) {
    const strings = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
    if (strings.length > 1 && strings.join(' ') === text) {
      return `${start} (${strings.map((string) => indent + string).join('')} )`;
    }
  }
  const last = text.slice(text.lastIndexOf(' ') + 1);
  if (last.length <= pieceColumns || !(endsInOctets.has(type) || text.startsWith('\\# ')))
    return line;
  const pieces = last.match(/.{1,56}/g) ?? [];
  const fields = text.slice(0, text.length - last.length).trimEnd();
  return `${start}${fields === '' ? '' : ` ${fields}`} (${pieces.map((piece) => indent + piece).join('')} )`;
}

const soaNumbers = ['serial', 'refresh', 'retry', 'expire', 'minimum'];

function formatSoa(start: string, text: string): string {
  const fields = text.split(' ');
  const numbers = fields.slice(-5);
  const indent = ' '.repeat(Math.min(start.length, maxOwnerColumns) + 1);
  const lines = numbers.map((number, i) => {
    const meaning = i === 0 ? '' : explainSeconds(Number(number));
    return `${indent}${number.padEnd(10)} ; ${soaNumbers[i]}${meaning}`;
  });
  return `${start} ${fields.slice(0, -5).join(' ')} (\n${lines.join('\n')}\n${indent})`;
}

function explainSeconds(seconds: number): string {
  const units = [
    [604_800, 'week'],
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ] as const;
  for (const [unit, name] of units) {
    const count = seconds / unit;
    if (count >= 1 && Number.isInteger(count)) return `, ${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return '';
}

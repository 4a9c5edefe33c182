/** `riad transfer`: fetches a zone, or what has changed in it, as a secondary would (RFC 5936, RFC 1995). */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { RecordClass } from '@riad/dns/iana/classes';
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import { formatName, type Name } from '@riad/dns/name';
import { formatRecord, recordToJson } from '@riad/dns/presentation';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { formatZone, sortRecords } from '@riad/dns/zonefile/writer';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { messageVerifier } from '@riad/dns-server/transfer/stream-signature';
import { TransferIn, type TransferInOutcome } from '@riad/dns-server/transfer/transfer-in';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { forEachRecord } from '@riad/dns-server/zone-image/zone-records';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import { hmac } from '@riad/net/ciphers/hmac';
import { sha1 } from '@riad/net/ciphers/sha1';
import { Arena } from '@riad/octets/arena';
import { encodeUtf8 } from '@riad/octets/utf8';
import { signed, wallClock } from '../exchange.ts';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import { type ServerOption, serialOf, serverOf } from '../server-option.ts';
import { type KeyOption, signingKey } from '../signing-key.ts';
import { readStream, type Server } from './query-transport.ts';

export type TransferOptions = ServerOption &
  KeyOption & {
    readonly ixfr?: string;
    readonly output?: string;
    readonly json?: boolean;
  };

/** As much as there can be: pages that no zone fills are never touched. */
const reserveOctets = 2 ** 31;

export async function run(
  words: readonly string[],
  options: TransferOptions,
  output: Output = process,
): Promise<number> {
  const [zoneText, ...more] = words.filter((word) => !word.startsWith('@'));
  const [address, ...others] = words.filter((word) => word.startsWith('@'));
  if (zoneText === undefined || more.length + others.length > 0) {
    throw new Refusal('give one zone, and @ADDRESS of one server');
  }
  const zone = nameOf(zoneText, 'zone');
  const { tls, ...place } = serverOf(address ?? '127.0.0.1', options);
  // RFC 9103 §7.1: TLS 1.3 or later.
  const server: Server = { ...place, tls: tls && { ...tls, leastVersion: 'TLSv1.3' } };
  const serial = options.ixfr === undefined ? undefined : serialOf('--ixfr', options.ixfr);
  const key = await signingKey(options, output);
  const image = ZoneImage.create(Arena.reserve(reserveOctets), randomInt(2 ** 32));
  const outcome = await fetchZone(image, zone, serial, server, key);
  if (outcome.kind === 'fault' || outcome.kind === 'use-tcp') {
    const { message, rcode } = outcome.kind === 'fault' ? outcome : { message: '', rcode: 0 };
    throw new Refusal(`${server.address}: ${message}${rcode === 0 ? '' : explained(rcode)}`);
  }
  const outside = outcome.kind === 'up-to-date' ? 0 : outcome.outside;
  if (outside > 0) {
    output.stderr.write(`${outside} records lie outside ${formatName(zone)} and are left out\n`);
  }
  const text = options.json ? jsonOf(image, zone, outcome) : textOf(image, zone, outcome);
  if (options.output === undefined) for (const part of text) output.stdout.write(part);
  else replaceFile(resolve(options.output), [...text].map(encodeUtf8));
  output.stderr.write(`${summary(zone, outcome, serial)}\n`);
  return 0;
}

async function fetchZone(
  image: ZoneImage,
  zone: Name,
  serial: number | undefined,
  server: Server,
  key: TsigKey | undefined,
): Promise<TransferInOutcome> {
  const kind = serial === undefined ? 'axfr' : 'ixfr';
  const id = randomInt(2 ** 16);
  const { octets, mac } = signed(transferQuery(zone, id, serial), key);
  const verifier =
    key === undefined || mac === undefined
      ? undefined
      : messageVerifier({ key, mac }, wallClock, hmac);
  const transfer = new TransferIn(
    image,
    { kind, zone, id, serial, transport: 'tcp' },
    sha1(),
    verifier,
  );
  let outcome: TransferInOutcome | undefined;
  try {
    await readStream(server, octets, (message) => {
      outcome = transfer.take(message);
      return outcome !== undefined;
    });
  } finally {
    outcome ??= transfer.end();
  }
  return outcome;
}

function explained(rcode: number): string {
  if (rcode === Rcode.REFUSED) return ' (REFUSED: this needs a key with the right to transfer)';
  if (rcode === Rcode.NOTAUTH) return ' (NOTAUTH: it has no such zone, or does not know the key)';
  return ` (${formatRcode(rcode)})`;
}

type Good = Exclude<TransferInOutcome, { kind: 'fault' } | { kind: 'use-tcp' }>;

function recordsOf(image: ZoneImage, zone: Name, outcome: Good): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  if (outcome.kind !== 'zone') return records;
  outcome.publish();
  forEachRecord(image, image.zoneOf(zone), (record) => records.push(record));
  return records;
}

function* textOf(image: ZoneImage, zone: Name, outcome: Good): Generator<string> {
  if (outcome.kind === 'changes') {
    for (const record of outcome.change.removals) yield `-${lineOf(record)}\n`;
    for (const record of outcome.change.additions) yield `+${lineOf(record)}\n`;
    return;
  }
  const records = recordsOf(image, zone, outcome).map(withRecordClass);
  if (records.length > 0) yield* formatZone(sortRecords(records, zone), zone);
}

const withRecordClass = (record: ZoneRecord): ZoneRecord & { recordClass: number } => ({
  ...record,
  recordClass: RecordClass.IN,
});

const lineOf = (record: ZoneRecord): string => formatRecord({ ...record, class: RecordClass.IN });

const plain = (record: ZoneRecord) => recordToJson({ ...record, class: RecordClass.IN });

function jsonOf(image: ZoneImage, zone: Name, outcome: Good): readonly string[] {
  const { kind } = outcome;
  const name = formatName(zone);
  if (kind === 'changes') {
    const { fromSerial, toSerial, removals, additions } = outcome.change;
    const lists = { removals: removals.map(plain), additions: additions.map(plain) };
    return [`${JSON.stringify({ zone: name, kind, fromSerial, toSerial, ...lists })}\n`];
  }
  const { serial } = outcome;
  const records = sortRecords(recordsOf(image, zone, outcome).map(withRecordClass), zone);
  const list = kind === 'zone' ? { records: records.map(plain) } : {};
  return [`${JSON.stringify({ zone: name, kind, serial, ...list })}\n`];
}

function summary(zone: Name, outcome: Good, asked: number | undefined): string {
  const name = formatName(zone);
  if (outcome.kind === 'up-to-date') return `${name}: nothing newer than ${outcome.serial}`;
  if (outcome.kind === 'changes') {
    const { fromSerial, toSerial, removals, additions } = outcome.change;
    return `${name}: from ${fromSerial} to ${toSerial}, ${removals.length} records less, ${additions.length} more`;
  }
  const instead =
    asked === undefined ? '' : `, whole, for what changed since ${asked} is not known`;
  return `${name}: serial ${outcome.serial}, ${outcome.records} records${instead}`;
}

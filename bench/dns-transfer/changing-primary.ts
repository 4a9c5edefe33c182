/**
 * A primary whose zone becomes another version each time a line comes on its standard input. All it will
 * ever send is made beforehand, so that it costs next to nothing while others are measured.
 *
 *     node changing-primary.ts PATH VERSIONS NAMES
 *
 * PATH is the text of the first version; in every later one the TXT records of NAMES names `t0`, `t1`, … are
 * others. Prints its port.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage } from '@riad/dns/message';
import { parseName } from '@riad/dns/name';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { emptyImage, hostZone, recordsOf, sha1 } from '@riad/dns-server/testing/built-zone';
import { applyChange } from '@riad/dns-server/transfer/apply-change';
import { transferOut } from '@riad/dns-server/transfer/transfer-out';
import { readTransferQuery } from '@riad/dns-server/transfer/transfer-query';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { MemoryHistory } from '@riad/dns-server/zone-history/zone-history';
import { HeldVersions } from '@riad/dns-server/zone-image/held-versions';
import { Frames, framed } from '../../interop/dns/transfer/fetch.ts';
import { plainZone } from '../dns-authoritative/zones.ts';
import { changedText, soaLine } from './changing-zone.ts';

const [path = '', versions = '', names = ''] = process.argv.slice(2);
const origin = `${plainZone}.`;
const zone = parseName(origin);
const image = emptyImage(2 ** 31 - 8);
hostZone(image, origin, readFileSync(path, 'utf8'));
const holds = new HeldVersions(image.arena);
const history = new MemoryHistory({ maxChanges: 1, maxOctets: 1 << 30 });

/** All messages of an answer, in the frames they are sent in. */
function made(serial: number | undefined): Buffer[] {
  const decoded = decodeMessage(transferQuery(zone, 0, serial));
  if (!decoded.ok) throw decoded.error;
  const asked = readTransferQuery(decoded.value);
  if (asked === undefined || 'rcode' in asked) throw new Error('no query for a transfer');
  using held = holds.hold(0)!;
  const frames: Buffer[] = [];
  // One by one: each message is written over the one before.
  for (const message of transferOut(image.arena, held, asked, { transport: 'tcp', history }))
    frames.push(framed(message));
  return frames;
}

const whole = made(undefined);
const differences: Buffer[][] = [];
for (let serial = 1; serial < Number(versions); serial++) {
  const change: ZoneChange = {
    fromSerial: serial,
    toSerial: serial + 1,
    removals: recordsOf(origin, soaLine(serial) + changedText(Number(names), serial)),
    additions: recordsOf(origin, soaLine(serial + 1) + changedText(Number(names), serial + 1)),
  };
  if (!applyChange(image, zone, change, sha1).ok) throw new Error('a change was refused');
  history.add(change, 2 ** 40);
  differences.push(made(serial));
}

let version = 1;
process.stdin.on('data', () => version++);

const server = createServer((socket: Socket) => {
  const frames = new Frames();
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    for (const query of frames.take(Buffer.from(chunk))) {
      const type = (query[12 + zone.length]! << 8) | query[13 + zone.length]!;
      const difference = version > 1 ? differences[version - 2] : undefined;
      const answer = type === RecordTypeCode.AXFR ? whole : difference;
      if (type === RecordTypeCode.SOA || answer === undefined) socket.write(soaAnswer(query));
      else for (const frame of answer) socket.write(withId(frame, query));
    }
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as { port: number }).port}\n`);

function withId(frame: Buffer, query: Uint8Array): Buffer {
  frame.set(query.subarray(0, 2), 2);
  return frame;
}

/** The question as it came, and the SOA of the version in force. */
function soaAnswer(query: Uint8Array): Buffer {
  const { rdata } = recordsOf(origin, soaLine(version))[0]!;
  const end = 12 + zone.length + 4;
  const head = Uint8Array.from(query.subarray(0, end));
  head.set([0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0], 2);
  const record = [0xc0, 12, 0, 6, 0, 1, 0, 0, 1, 44, 0, rdata.length, ...rdata];
  return framed(Uint8Array.of(...head, ...record));
}

/** Sends updates to a service of a test, signed with a key. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Opcode } from '@riad/dns/iana/opcodes';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { verifyResponse } from '@riad/dns/tsig/verify-response';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';

const deadlineMs = 15_000;
let nextId = 1;

export const key: TsigKey = {
  name: parseName('k._update.example.com.'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};
/** The line of a key file. */
export const keyLine = `k._update.example.com. DNSKEY 0 3 163 ${key.secret.toBase64()}\n`;

/** A line of a zone file as an addition; `- ` before it takes the record away, `-- ` its RRset. */
export function updateRecord(text: string, zone: string): ResourceRecord {
  const removesSet = text.startsWith('-- ');
  const removes = text.startsWith('- ');
  const line = text.replace(/^--? /, '');
  if (removesSet) {
    const [name = '', type = ''] = line.split(' ');
    const owner = parseName(name, parseName(zone));
    return {
      owner,
      type: parseRecordType(type)!,
      class: 255,
      ttlSeconds: 0,
      rdata: new Uint8Array(0),
    };
  }
  const records: ResourceRecord[] = [];
  const errors = readZoneFile(
    new TextEncoder().encode(`${line}\n`),
    { file: 'update', origin: parseName(zone) },
    {
      record: (owner, length, _same, type, _class, ttlSeconds, rdata, start, end) =>
        void records.push({
          owner: owner.slice(0, length),
          type,
          class: removes ? 254 : 1,
          ttlSeconds: removes ? 0 : ttlSeconds,
          rdata: rdata.slice(start, end),
        }),
    },
  );
  if (errors[0] !== undefined) throw errors[0];
  return records[0]!;
}

export function updateMessage(
  zone: string,
  updates: readonly string[],
  prerequisites: readonly ResourceRecord[] = [],
): Uint8Array {
  return encodeMessage({
    id: nextId++ & 0xffff,
    opcode: Opcode.UPDATE,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: parseName(zone), type: 6, class: 1 }],
    answers: [...prerequisites],
    authorities: updates.map((text) => updateRecord(text, zone)),
    additionals: [],
  });
}

export function signed(
  message: Uint8Array,
  with_: TsigKey = key,
): { octets: Uint8Array; mac: Uint8Array } {
  return signRequest(message, with_, Math.floor(Date.now() / 1000) as UnixSeconds, hmac);
}

/** The RCODE of a signed update, whose answer has to be signed as well. */
export async function update(port: number, zone: string, ...updates: string[]): Promise<number> {
  const { octets, mac } = signed(updateMessage(zone, updates));
  const socket = createSocket('udp4');
  try {
    socket.send(octets, port, '127.0.0.1');
    const signal = AbortSignal.timeout(deadlineMs);
    const [answer] = (await once(socket, 'message', { signal })) as [Uint8Array];
    const now = Math.floor(Date.now() / 1000) as UnixSeconds;
    const verdict = verifyResponse(answer, { key, mac }, now, hmac);
    if (verdict.kind !== 'verified') throw new Error(`the answer is ${JSON.stringify(verdict)}`);
    return answer[3]! & 15;
  } finally {
    socket.close();
  }
}

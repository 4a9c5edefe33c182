/** `riad notify`: tells servers that a zone has changed, and hears whether they heard (RFC 1996). */
import { randomInt } from 'node:crypto';
import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Message, noFlags, type ResourceRecord } from '@riad/dns/message';
import { formatName, type Name } from '@riad/dns/name';
import { soa } from '@riad/dns/rdata/soa';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { Writer } from '@riad/octets/writer';
import { exchange } from '../exchange.ts';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal, Unreachable } from '../refusal.ts';
import { type ServerOption, serialOf, serverOf } from '../server-option.ts';
import { type KeyOption, signingKey } from '../signing-key.ts';
import type { Server } from './query-transport.ts';

export type NotifyOptions = ServerOption &
  KeyOption & {
    readonly serial?: string;
    readonly tcp?: boolean;
    readonly json?: boolean;
  };

export async function run(
  zoneText: string,
  addresses: readonly string[],
  options: NotifyOptions,
  output: Output = process,
): Promise<number> {
  const zone = nameOf(zoneText, 'zone');
  const serial = options.serial === undefined ? undefined : serialOf('--serial', options.serial);
  const servers = addresses.map((address) => serverOf(address, options));
  const key = await signingKey(options, output);
  const transport = options.tcp ? 'tcp' : 'udp';
  const results = await Promise.all(
    servers.map((server) => notify(zone, serial, server, key, transport)),
  );
  if (options.json) output.stdout.write(`${JSON.stringify(results)}\n`);
  for (const { server, port, good, sentence } of results) {
    const line = `${server} port ${port}: ${sentence}\n`;
    if (!options.json || !good) output.stderr.write(line);
  }
  return results.every(({ good }) => good) ? 0 : 1;
}

export type Notified = {
  readonly server: string;
  readonly port: number;
  readonly good: boolean;
  /** Whether anything came back. */
  readonly answered: boolean;
  readonly sentence: string;
};

/** Never rejects for what a server does or does not. */
export async function notify(
  zone: Name,
  serial: number | undefined,
  server: Server,
  key: TsigKey | undefined,
  transport: 'udp' | 'tcp',
): Promise<Notified> {
  const { address, port } = server;
  const told = (good: boolean, sentence: string, answered: boolean = true): Notified => ({
    server: address,
    port,
    good,
    answered,
    sentence,
  });
  try {
    const answer = await exchange(notifyRequest(zone, serial), server, key, transport);
    const by = key === undefined ? '' : `, signed by ${formatName(key.name).slice(0, -1)}`;
    return answer.rcode === Rcode.NOERROR
      ? told(true, `${formatName(zone)} acknowledged${by}`)
      : told(false, `${formatName(zone)} not taken: ${explained(answer.rcode, key)}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const answered = !(error instanceof Unreachable);
    return told(false, `${formatName(zone)} not acknowledged: ${error.message}`, answered);
  }
}

/** RFC 1996 §3.7: the SOA in the answer section is a hint, and may be left out. */
function notifyRequest(zone: Name, serial: number | undefined): Message {
  const answers: ResourceRecord[] = [];
  if (serial !== undefined) {
    const rdata = new Writer(64);
    const rest = { refresh: 0, retry: 0, expire: 0, minimum: 0 };
    soa.encode({ primary: zone, mailbox: zone, serial, ...rest }, rdata);
    answers.push({
      owner: zone,
      type: RecordTypeCode.SOA,
      class: RecordClass.IN,
      ttlSeconds: 0,
      rdata: rdata.copy(),
    });
  }
  return {
    id: randomInt(2 ** 16),
    opcode: Opcode.NOTIFY,
    rcode: Rcode.NOERROR,
    flags: { ...noFlags, aa: true }, // RFC 1996 §3.3
    questions: [{ name: zone, type: RecordTypeCode.SOA, class: RecordClass.IN }],
    answers,
    authorities: [],
    additionals: [],
  };
}

function explained(rcode: number, key: TsigKey | undefined): string {
  const name = formatRcode(rcode);
  if (rcode !== Rcode.REFUSED) return name;
  return key === undefined ? `${name}; it may want a key` : `${name}; the key has no right to it`;
}

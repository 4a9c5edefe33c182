/** Finds the zone that a name lies in by asking for SOA records, as nsupdate does (RFC 2136 §3.1 wants its name). */
import { randomInt } from 'node:crypto';
import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Message, noFlags } from '@riad/dns/message';
import { formatName, isSubdomain, type Name, parentName } from '@riad/dns/name';
import type { Server } from './commands/query-transport.ts';
import { exchange } from './exchange.ts';
import { Refusal } from './refusal.ts';

export function question(name: Name, type: number): Message {
  return {
    id: randomInt(2 ** 16), // RFC 5452 §9.1: not to be guessed
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    flags: noFlags,
    questions: [{ name, type, class: RecordClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
  };
}

/** Each try leaves a label away: what is delegated or an alias is no apex of this server’s. */
export async function zoneOfName(name: Name, server: Server): Promise<Name> {
  let told = '';
  for (let at: Name | undefined = name; at !== undefined; at = parentName(at)) {
    const answer = await exchange(question(at, RecordTypeCode.SOA), server, undefined, 'tcp');
    const soa = [...answer.answers, ...answer.authorities].find(
      ({ type, owner }) => type === RecordTypeCode.SOA && isSubdomain(at!, owner),
    );
    if (soa !== undefined) return soa.owner;
    told ||= formatRcode(answer.rcode);
  }
  throw new Refusal(
    `${server.address} has no zone for ${formatName(name)} (${told}); --zone names another`,
  );
}

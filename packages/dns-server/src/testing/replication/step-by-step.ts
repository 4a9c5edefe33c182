/**
 * The answer to IXFR that a server gives which puts nothing together: one step for each change (RFC 1995
 * §4), as BIND and NSD send it, where ours send one step for all.
 */
import { expire } from '@riad/dns/edns/expire';
import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { TransferQuery } from '../../transfer/transfer-query.ts';
import type { ZoneChange } from '../../zone-history/zone-change.ts';

const recordsPerMessage = 5;

/** The messages, unsigned; undefined when what happened since is not known. `expireSeconds`: for EXPIRE. */
export function stepByStep(
  { serial, message }: TransferQuery,
  changes: readonly ZoneChange[],
  expireSeconds: number,
): Uint8Array[] | undefined {
  const from = changes.findLastIndex(({ fromSerial }) => fromSerial === serial);
  const last = changes.at(-1);
  if (from === -1 || last === undefined) return undefined;
  const steps = changes.slice(from);
  const soa = last.additions[0]!;
  const records = [
    soa,
    ...steps.flatMap(({ removals, additions }) => [...removals, ...additions]),
    soa,
  ];
  const messages: Uint8Array[] = [];
  const { id, opcode, questions, edns } = message;
  for (let at = 0; at < records.length; at += recordsPerMessage) {
    const options = [expire.encode({ seconds: expireSeconds })];
    messages.push(
      encodeMessage({
        ...{ id, opcode, rcode: Rcode.NOERROR, flags: { ...noFlags, qr: true, aa: true } },
        questions: at === 0 ? questions : [], // RFC 5936 §2.2.2
        answers: records
          .slice(at, at + recordsPerMessage)
          .map((record) => ({ ...record, class: RecordClass.IN })),
        ...{ authorities: [], additionals: [] },
        ...(at === 0 && edns !== undefined && { edns: { ...edns, options } }),
      }),
    );
  }
  return messages;
}

/**
 * The answer to a message signed with a key that is not known here: NOTAUTH, and a TSIG record with
 * error BADKEY and no MAC (RFC 8945 §5.2.1, §5.3.2). Nothing in such a message was checked, so nothing
 * of it is acted upon.
 */
import type { QueryState } from './query-state.ts';

const badKey = 17;
const rcodeNotauth = 9;
const rcodeFormerr = 1;

/** Writes the TSIG record behind the question and sets RCODE; the caller ends the message. */
export function refuseUnknownKey(s: QueryState): void {
  const { octets, view } = s;
  const keyEnd = nameEnd(octets, s.tsig, s.queryEnd);
  const algorithm = keyEnd + 10;
  const algorithmEnd = keyEnd === 0 ? 0 : nameEnd(octets, algorithm, s.queryEnd);
  // RFC 8945 §5.2: a TSIG that cannot be read is FORMERR.
  if (algorithmEnd === 0 || !isWhole(s, algorithmEnd)) {
    s.rcode = rcodeFormerr;
    return;
  }
  s.rcode = rcodeNotauth;
  const keyOctets = keyEnd - s.tsig;
  const algorithmOctets = algorithmEnd - algorithm;
  let at = s.at;
  if (at + keyOctets + 10 + algorithmOctets + 16 > s.limit) {
    s.truncated = true;
    return;
  }
  for (let i = 0; i < keyOctets; i++) octets[at++] = octets[s.tsig + i]!;
  view.setUint16(at, 250);
  view.setUint16(at + 2, 255); // class ANY
  view.setUint32(at + 4, 0);
  view.setUint16(at + 8, algorithmOctets + 16);
  at += 10;
  for (let i = 0; i < algorithmOctets; i++) octets[at++] = octets[algorithm + i]!;
  for (let i = 0; i < 8; i++) octets[at++] = octets[algorithmEnd + i]!; // time signed and fudge, as they came
  view.setUint16(at, 0); // MAC size
  view.setUint16(at + 2, view.getUint16(s.query)); // original id
  view.setUint16(at + 4, badKey);
  view.setUint16(at + 6, 0);
  s.at = at + 8;
  s.additionals++;
}

/** Whether what follows the algorithm ends where the message does: TSIG is its last record (RFC 8945 §4.2). */
function isWhole({ view, queryEnd }: QueryState, at: number): boolean {
  const mac = at + 10; // behind time signed, fudge and MAC size
  if (mac > queryEnd) return false;
  const other = mac + view.getUint16(mac - 2) + 6; // behind original id, error and other length
  return other <= queryEnd && other + view.getUint16(other - 2) === queryEnd;
}

/** The place behind an uncompressed name, or 0. */
function nameEnd(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = octets[at]!;
    if (length === 0) return at + 1;
    if (length > 63) return 0;
    at += length + 1;
    if (at - start > 254) return 0;
  }
  return 0;
}

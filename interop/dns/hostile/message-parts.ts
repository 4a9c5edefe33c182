/**
 * A message taken apart into what its octets mean, so that each part can be made wrong by itself. Put
 * together again it may lie about everything: counts, lengths, pointers.
 */
export type RecordParts = {
  /** Octets of the owner, pointers and all. */
  owner: number[];
  type: number;
  recordClass: number;
  ttl: number;
  rdata: number[];
  /** What RDLENGTH says, if not the truth. */
  claimedLength?: number;
};

export type MessageParts = {
  /** The 16 bits behind the ID. */
  flags: number;
  questions: { name: number[]; type: number; questionClass: number }[];
  /** Answer, authority, additional. */
  sections: [RecordParts[], RecordParts[], RecordParts[]];
  /** What each count says, if not the truth. */
  claimedCounts: [number?, number?, number?, number?];
  trailing: number[];
  /** So many octets of it are sent. */
  cutAt?: number;
};

export function joinMessage(parts: MessageParts): Uint8Array {
  const { flags, questions, sections, claimedCounts } = parts;
  const counts = [questions.length, ...sections.map(({ length }) => length)];
  const octets = [0, 0, ...uint16(flags)];
  for (const [i, count] of counts.entries()) octets.push(...uint16(claimedCounts[i] ?? count));
  for (const { name, type, questionClass } of questions)
    octets.push(...name, ...uint16(type), ...uint16(questionClass));
  for (const record of sections.flat()) {
    const { owner, type, recordClass, ttl, rdata, claimedLength } = record;
    octets.push(...owner, ...uint16(type), ...uint16(recordClass));
    octets.push(...uint16(ttl >>> 16), ...uint16(ttl), ...uint16(claimedLength ?? rdata.length));
    octets.push(...rdata);
  }
  octets.push(...parts.trailing);
  return Uint8Array.from(octets.slice(0, parts.cutAt));
}

export function uint16(value: number): [number, number] {
  return [(value >>> 8) & 255, value & 255];
}

/** An OPT record; `ttl` holds extended RCODE, version and flags (RFC 6891 §6.1.3). */
export function optParts(rdata: number[] = [], ttl: number = 0): RecordParts {
  return { owner: [0], type: 41, recordClass: 1232, ttl, rdata };
}

export function optionOctets(code: number, octets: readonly number[]): number[] {
  return [...uint16(code), ...uint16(octets.length), ...octets];
}

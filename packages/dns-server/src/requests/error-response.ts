/** A response that has nothing to say but its code: header, question, OPT, and why (RFC 8914). */
import { Rcode } from '@riad/dns/iana/rcodes';
import { headerOctets } from '@riad/dns/message';
import { encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';

export type ResponseFacts = {
  /** Up to 15 without EDNS; a larger one becomes SERVFAIL there. */
  readonly rcode: number;
  readonly authoritative?: boolean;
  /** Only told to who speaks EDNS. */
  readonly extendedError?: number;
  readonly sentence?: string;
};

/** What of the request goes into its response. */
export type RequestFacts = {
  /** The request begins with its header and, if `questionEnd` is larger than that, its question. */
  readonly octets: Uint8Array;
  /** Where the first question ends; undefined if there is none that can be given back. */
  readonly questionEnd: number | undefined;
  readonly edns: boolean;
};

/** Octets of the payload that this server takes over UDP (RFC 6891 §6.2.3, RFC 9715 §3). */
const advertisedOctets = 1232;
/** A sentence is for people who look at one answer. */
export const maxSentenceOctets = 160;

/** Filled and copied from within one call. */
const scratch = new Writer(512);

export function errorResponse(request: RequestFacts, facts: ResponseFacts): Uint8Array {
  const { octets, edns } = request;
  const end = request.questionEnd ?? headerOctets;
  const writer = scratch;
  writer.reset();
  const rcode = facts.rcode > 15 && !edns ? Rcode.SERVFAIL : facts.rcode;
  writer.octets(octets.subarray(0, 2));
  // The opcode and RD as they came (RFC 1035 §4.1.1).
  writer.uint8(0x80 | (octets[2]! & 0x79) | (facts.authoritative === true ? 0x04 : 0));
  writer.uint8((octets[3]! & 0x10) | (rcode & 15)); // CD, RFC 4035 §3.2.2
  writer.uint16(end > headerOctets ? 1 : 0);
  writer.uint16(0);
  writer.uint16(0);
  writer.uint16(edns ? 1 : 0);
  writer.octets(octets.subarray(headerOctets, end));
  if (edns) writeOpt(writer, rcode, facts);
  return writer.copy();
}

function writeOpt(writer: Writer, rcode: number, { extendedError, sentence }: ResponseFacts): void {
  const text = encodeSentence(sentence ?? '');
  const option = extendedError === undefined ? 0 : 6 + text.length;
  writer.uint8(0);
  writer.uint16(41);
  writer.uint16(advertisedOctets);
  writer.uint8(rcode >>> 4);
  writer.uint8(0);
  writer.uint16(0);
  writer.uint16(option);
  if (extendedError === undefined) return;
  writer.uint16(15); // RFC 8914 §2
  writer.uint16(2 + text.length);
  writer.uint16(extendedError);
  writer.octets(text);
}

function encodeSentence(sentence: string): Uint8Array {
  const octets = encodeUtf8(sentence);
  if (octets.length <= maxSentenceOctets) return octets;
  let end = maxSentenceOctets;
  while ((octets[end]! & 0xc0) === 0x80) end--; // not in the middle of a character
  return octets.subarray(0, end);
}

/** Reads over the first question; undefined if it is none, or has a pointer, which nothing could be the target of. */
export function questionEndOf(octets: Uint8Array): number | undefined {
  if (octets.length < headerOctets || ((octets[4]! << 8) | octets[5]!) !== 1) return undefined;
  let at = headerOctets;
  while (at < octets.length && octets[at] !== 0) {
    if (octets[at]! > 63) return undefined;
    at += octets[at]! + 1;
    if (at - headerOctets > 254) return undefined; // RFC 1035 §2.3.4
  }
  return at + 5 <= octets.length ? at + 5 : undefined;
}

/** The OPT record of an answer (RFC 6891 §6.1.2) and the options in it. */
import type { AnswerOptions } from './answer-options.ts';
import { fullCookieOctets } from './cookie.ts';
import { type QueryState, scratchPlace, transport } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const transportUdp = transport.udp;
const transportTls = transport.tls;
const scratchPlaceCookie = scratchPlace.cookie;

/** Answers over TLS are padded to a multiple of this (RFC 8467 §4.1). */
const paddingBlockOctets = 468;

/** What OPT will take at least; the rest is added only where there is room. */
export function optOctets(s: QueryState, options: AnswerOptions): number {
  let octets = 11;
  if (s.nsid && options.nsid.length > 0) octets += 4 + options.nsid.length;
  if (s.cookie !== 0) octets += 4 + fullCookieOctets;
  if (s.keepalive && s.transport !== transportUdp) octets += 6;
  return octets;
}

export function writeOpt(s: QueryState, options: AnswerOptions): void {
  const { octets, view } = s;
  const start = s.at;
  octets[start] = 0; // the root
  view.setUint16(start + 1, 41);
  view.setUint16(start + 3, options.maxUdpOctets);
  octets[start + 5] = s.rcode >>> 4; // EXTENDED-RCODE
  octets[start + 6] = 0; // version
  view.setUint16(start + 7, s.dnssecOk ? 0x8000 : 0); // RFC 3225 §3
  let at = start + 11;
  if (s.nsid && options.nsid.length > 0) {
    view.setUint16(at, 3);
    view.setUint16(at + 2, options.nsid.length);
    for (let i = 0; i < options.nsid.length; i++) octets[at + 4 + i] = options.nsid[i]!;
    at += 4 + options.nsid.length;
  }
  if (s.cookie !== 0) {
    view.setUint16(at, 10);
    view.setUint16(at + 2, fullCookieOctets);
    const from = s.scratch + scratchPlaceCookie;
    for (let i = 0; i < fullCookieOctets; i++) octets[at + 4 + i] = octets[from + i]!;
    at += 4 + fullCookieOctets;
  }
  if (s.keepalive && s.transport !== transportUdp) {
    view.setUint16(at, 11); // RFC 7828 §3.3.2
    view.setUint16(at + 2, 2);
    view.setUint16(at + 4, options.keepaliveUnits);
    at += 6;
  }
  const end = s.limit + s.reserved;
  // RFC 8914 §3: there may be several.
  if (s.extendedError >= 0) at = writeExtendedError(view, at, end, s.extendedError);
  if (s.furtherError >= 0) at = writeExtendedError(view, at, end, s.furtherError);
  if (s.padding && s.transport === transportTls) at = pad(s, at, end);
  view.setUint16(start + 9, at - start - 11);
  s.at = at;
  s.additionals++;
}

/** RFC 8914 §2, without text. Returns the place behind it; where there is no room it is left out. */
function writeExtendedError(view: DataView, at: number, end: number, code: number): number {
  if (at + 6 > end) return at;
  view.setUint16(at, 15);
  view.setUint16(at + 2, 2);
  view.setUint16(at + 4, code);
  return at + 6;
}

function pad(s: QueryState, at: number, end: number): number {
  const { octets, view } = s;
  if (at + 4 > end) return at;
  const length = at + 4 - s.out;
  const wanted = Math.ceil(length / paddingBlockOctets) * paddingBlockOctets;
  const padding = Math.min(wanted - length, end - at - 4);
  view.setUint16(at, 12);
  view.setUint16(at + 2, padding);
  octets.fill(0, at + 4, at + 4 + padding); // RFC 7830 §3: zeros
  return at + 4 + padding;
}

/**
 * One request to one server and its answer, signed when there is a key (RFC 8945). An answer that is not
 * verified is none: over UDP another one is waited for (RFC 8945 §5.4).
 */
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import { decodeMessage, type Message } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, formatName } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import { TsigError } from '@riad/dns/tsig/tsig-error';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { type ResponseVerdict, verifyResponse } from '@riad/dns/tsig/verify-response';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import { askStream, askUdp, type Server } from './commands/query-transport.ts';
import { Refusal, Unreachable } from './refusal.ts';

const udpTries = 3;

export const wallClock = (): UnixSeconds => Math.floor(Date.now() / 1000) as UnixSeconds;

export async function exchange(
  request: Message,
  server: Server,
  key: TsigKey | undefined,
  transport: 'udp' | 'tcp',
): Promise<Message> {
  const bare = encodeMessage(request);
  let doubt: string | undefined;
  const judge = (octets: Uint8Array, mac: Uint8Array | undefined): Message | undefined => {
    const judged = judgeAnswer(octets, request, key, mac);
    if (typeof judged !== 'string') return judged;
    doubt = judged;
    return undefined;
  };
  if (transport === 'udp' && server.tls === undefined) {
    for (let i = 0; i < udpTries; i++) {
      const { octets: sent, mac } = signed(bare, key);
      const octets = await askUdp(server, sent, (each) => judge(each, mac) !== undefined);
      const answer = octets && judge(octets, mac);
      if (answer?.flags.tc) break;
      if (answer !== undefined) return answer;
      if (doubt !== undefined) throw new Refusal(`${server.address}: ${doubt}`);
      if (i === udpTries - 1) throw new Unreachable(`${server.address}: no answer over UDP`);
    }
  }
  const { octets: sent, mac } = signed(bare, key);
  const answer = judge(await askStream(server, sent), mac);
  if (answer === undefined) throw new Refusal(`${server.address}: ${doubt}`);
  return answer;
}

/** The request as it leaves, and the MAC that the answer's signature covers. */
export function signed(
  message: Uint8Array,
  key: TsigKey | undefined,
): { readonly octets: Uint8Array; readonly mac: Uint8Array | undefined } {
  if (key === undefined) return { octets: message, mac: undefined };
  return signRequest(message, key, wallClock(), hmac);
}

/** The answer, or why it is none. */
function judgeAnswer(
  octets: Uint8Array,
  request: Message,
  key: TsigKey | undefined,
  mac: Uint8Array | undefined,
): Message | string {
  let message = octets;
  if (key !== undefined && mac !== undefined) {
    const verdict = verifyResponse(octets, { key, mac }, wallClock(), hmac);
    if (verdict.kind !== 'verified') return sentenceOf(verdict, key, octets);
    message = verdict.message;
  }
  const decoded = decodeMessage(message);
  if (!decoded.ok) return `the answer cannot be read: ${decoded.error.message}`;
  return isAnswerTo(request, decoded.value)
    ? decoded.value
    : 'what came back is no answer to the request';
}

/** RFC 5452 §9, RFC 1996 §3.6, RFC 2136 §3.8: same ID, opcode and question; the transport knows the address. */
export function isAnswerTo(request: Message, answer: Message): boolean {
  if (answer.id !== request.id || !answer.flags.qr) return false;
  if (answer.opcode !== request.opcode && answer.rcode === Rcode.NOERROR) return false;
  const [asked] = request.questions;
  const [told] = answer.questions;
  // RFC 2136 §3.8 lets the zone be left out, and who cannot read a question leaves it out too.
  if (told === undefined) return answer.rcode !== 0 || answer.opcode !== 0;
  return (
    asked !== undefined &&
    told.type === asked.type &&
    told.class === asked.class &&
    equalNames(told.name, asked.name)
  );
}

function sentenceOf(
  verdict: Exclude<ResponseVerdict, { kind: 'verified' }>,
  key: TsigKey,
  octets: Uint8Array,
): string {
  const name = formatName(key.name).slice(0, -1);
  switch (verdict.kind) {
    case 'refused':
      return refusalSentence(verdict.error, verdict.serverTime, name);
    case 'unsigned':
      return `the answer is not signed (${formatRcode(octets[3]! & 15)}), so that it proves nothing`;
    case 'malformed':
      return `the answer cannot be read: ${verdict.error.message}`;
    case 'wrong':
      return verdict.what === 'time'
        ? 'the answer was signed at another time: the clocks differ'
        : `the answer is not signed as ${name} signs (${verdict.what})`;
  }
}

/** What TSIG error a server gave (RFC 8945 §5.2). */
export function refusalSentence(
  error: number,
  serverTime: number | undefined,
  name: string,
): string {
  switch (error) {
    case TsigError.BADKEY:
      return `the server does not know the key ${name} with this algorithm (BADKEY)`;
    case TsigError.BADSIG:
      return `the server has another secret for the key ${name} (BADSIG)`;
    case TsigError.BADTIME: {
      const told = serverTime === undefined ? '' : `; its clock says ${iso(serverTime)}`;
      return `the server’s clock and the one here differ (BADTIME)${told}`;
    }
    default:
      return `the server did not take the signature (TSIG error ${error})`;
  }
}

function iso(seconds: number): string {
  return seconds > 8.64e12 ? String(seconds) : new Date(seconds * 1000).toISOString();
}

/**
 * Takes the signature off a request and reads it, on whichever thread it is answered. What cannot be read
 * or is signed wrongly is answered here (RFC 8945 §5.2, RFC 6891 §6.1.3).
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import { decodeMessage, type Message, rcodeOfError } from '@riad/dns/message';
import { formatName } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import { refuseRequest } from '@riad/dns/tsig/refusal';
import { signResponse } from '@riad/dns/tsig/sign';
import type { KeyLookup } from '@riad/dns/tsig/tsig-key';
import { type SignedRequest, verifyRequest } from '@riad/dns/tsig/verify-request';
import {
  errorResponse,
  questionEndOf,
  type RequestFacts,
  type ResponseFacts,
} from '@riad/dns-server/requests/error-response';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { Requester } from './requests.ts';

/** A request whose signature, if it has one, is good. */
export type Request = {
  readonly message: Message;
  /** Without the signature. */
  readonly octets: Uint8Array;
  readonly signed: SignedRequest | undefined;
  readonly from: Requester;
  readonly now: UnixSeconds;
  /** Header, question and OPT with a code. */
  error(facts: ResponseFacts): Uint8Array;
  /** One message as the answer, signed if the request was. */
  seal(response: Uint8Array): Uint8Array;
  /** Sends it. */
  reply(response: Uint8Array): void;
};

export type RequestOpeningParts = {
  readonly keys: () => KeyLookup;
  readonly hmac: Hmac;
  /** Wall clock. */
  readonly now: () => UnixSeconds;
  readonly log: Log;
};

/** What a client without EDNS takes over UDP (RFC 1035 §4.2.1). */
const plainUdpOctets = 512;
/** RFC 9715 §3: what reaches everybody in one piece. */
const maxUdpOctets = 1232;

/** Undefined when it has been answered already. `octets` is not changed, and its parts are views of it. */
export function openRequest(
  octets: Uint8Array,
  from: Requester,
  { keys, hmac, now: clock, log }: RequestOpeningParts,
): Request | undefined {
  const now = clock();
  const verdict = verifyRequest(octets, keys(), now, hmac);
  const facts: RequestFacts = { octets, questionEnd: questionEndOf(octets), edns: false };
  if (verdict.kind === 'malformed') {
    from.send(errorResponse(facts, { rcode: Rcode.FORMERR }));
    return undefined;
  }
  if (verdict.kind === 'refused') {
    const { refusal } = verdict;
    log.warn('signature refused', {
      from: from.address,
      error: refusal.error,
      key: formatName(refusal.tsig.keyName),
    });
    const response = errorResponse(facts, { rcode: Rcode.NOTAUTH });
    from.send(refuseRequest(response, refusal, now, hmac, limitOf(from, undefined)));
    return undefined;
  }
  const plain = verdict.kind === 'verified' ? verdict.message : octets;
  const signed = verdict.kind === 'verified' ? verdict.request : undefined;
  const decoded = decodeMessage(plain);
  const message = decoded.ok ? decoded.value : undefined;
  const request = {
    octets: plain,
    questionEnd: questionEndOf(plain),
    edns: message?.edns !== undefined,
  };
  const seal = (response: Uint8Array): Uint8Array =>
    signed === undefined
      ? response
      : signResponse(response, signed, clock(), hmac, limitOf(from, message)).octets;
  const reply = (response: Uint8Array): void => from.send(seal(response));
  const error = (what: ResponseFacts): Uint8Array => errorResponse(request, what);
  if (!decoded.ok) {
    reply(error({ rcode: rcodeOfError(decoded.error) }));
    return undefined;
  }
  if ((message?.edns?.version ?? 0) > 0) {
    reply(error({ rcode: Rcode.BADVERS })); // RFC 6891 §6.1.3
    return undefined;
  }
  return { message: decoded.value, octets: plain, signed, from, now, error, seal, reply };
}

/** Octets that an answer may have. */
function limitOf(from: Requester, message: Message | undefined): number {
  if (from.transport !== 'udp') return 65_535;
  return message?.edns === undefined
    ? plainUdpOctets
    : Math.min(message.edns.udpPayloadOctets, maxUdpOctets);
}

/**
 * Takes signatures off what came, finds out what it is, has it answered by who knows how, and signs the
 * answer. Not here: what an update, a notice or a transfer does.
 */
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
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
import type { Requester, RequestHandler } from './requests.ts';

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
  /** Sends one message as the answer, signed if the request was. */
  reply(response: Uint8Array): void;
  /** Signs an answer that will most likely be the one, while something else is waited for. */
  prepare(response: Uint8Array): PreparedReply;
};

export type PreparedReply = { send(): void };

/** Who knows how to answer; each resolves when all is said. */
export type RequestRoles = {
  update(request: Request): Promise<void>;
  notify(request: Request): Promise<void>;
  /** AXFR or IXFR. */
  transfer(request: Request): Promise<void>;
  /** A signed query besides those, to be answered like any other. */
  query(request: Request): Promise<void>;
  response(message: Uint8Array, from: Requester): void;
};

export type RequestHandlingParts = {
  readonly keys: () => KeyLookup;
  readonly hmac: Hmac;
  /** Wall clock. */
  readonly now: () => UnixSeconds;
  readonly roles: RequestRoles;
  /** Until then requests wait: which zones there are is not known yet. */
  readonly ready: Promise<void>;
  readonly log: Log;
};

/** What a client without EDNS takes over UDP (RFC 1035 §4.2.1). */
const plainUdpOctets = 512;
/** A signature made longer ago is made again: its time should be that of the answer. */
const freshSeconds = 2;
/** RFC 9715 §3: what reaches everybody in one piece. */
const maxUdpOctets = 1232;

export class RequestHandling implements RequestHandler {
  readonly #parts: RequestHandlingParts;

  constructor(parts: RequestHandlingParts) {
    this.#parts = parts;
  }

  response(message: Uint8Array, from: Requester): void {
    this.#parts.roles.response(message, from);
  }

  async request(octets: Uint8Array, from: Requester): Promise<void> {
    const { keys, hmac, now: clock, log } = this.#parts;
    const now = clock();
    const verdict = verifyRequest(octets, keys(), now, hmac);
    const facts: RequestFacts = { octets, questionEnd: questionEndOf(octets), edns: false };
    if (verdict.kind === 'malformed') {
      from.send(errorResponse(facts, { rcode: Rcode.FORMERR }));
      return;
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
      return;
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
    const finished = (response: Uint8Array): Uint8Array =>
      signed === undefined
        ? response
        : signResponse(response, signed, clock(), hmac, limitOf(from, message)).octets;
    const reply = (response: Uint8Array): void => from.send(finished(response));
    const prepare = (response: Uint8Array): PreparedReply => {
      const preparedAt = clock();
      const octets = finished(response);
      return {
        send() {
          if (Math.abs(clock() - preparedAt) < freshSeconds) from.send(octets);
          else reply(response);
        },
      };
    };
    const error = (what: ResponseFacts): Uint8Array => errorResponse(request, what);
    if (!decoded.ok) {
      reply(error({ rcode: rcodeOfError(decoded.error) }));
      return;
    }
    if ((message?.edns?.version ?? 0) > 0) {
      reply(error({ rcode: Rcode.BADVERS })); // RFC 6891 §6.1.3
      return;
    }
    await this.#dispatch({
      message: decoded.value,
      octets: plain,
      signed,
      from,
      now,
      error,
      reply,
      prepare,
    });
  }

  async #dispatch(request: Request): Promise<void> {
    const { roles, ready } = this.#parts;
    await ready;
    const { opcode, questions } = request.message;
    try {
      if (opcode === Opcode.UPDATE) return await roles.update(request);
      if (opcode === Opcode.NOTIFY) return await roles.notify(request);
      const type = questions[0]?.type;
      if (type === RecordTypeCode.AXFR || type === RecordTypeCode.IXFR)
        return await roles.transfer(request);
      return await roles.query(request);
    } catch (error) {
      this.#parts.log.error('a request could not be answered', {
        error,
        from: request.from.address,
      });
      request.reply(request.error({ rcode: Rcode.SERVFAIL }));
    }
  }
}

/** Octets that an answer may have. */
function limitOf(from: Requester, message: Message | undefined): number {
  if (from.transport !== 'udp') return 65_535;
  return message?.edns === undefined
    ? plainUdpOctets
    : Math.min(message.edns.udpPayloadOctets, maxUdpOctets);
}

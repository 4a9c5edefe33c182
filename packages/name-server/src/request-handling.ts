/**
 * Finds out what a request is that is no plain query, and has it answered by who knows how. Not here: what
 * an update, a notice or a transfer does.
 */
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { headerOctets } from '@riad/dns/message';
import { openRequest, type Request, type RequestOpeningParts } from './request-opening.ts';
import type { Requester, RequestHandler } from './requests.ts';

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

export type RequestHandlingParts = RequestOpeningParts & {
  readonly roles: RequestRoles;
  /**
   * Has an update answered by another thread, which opens it, too. Undefined: that has enough to do, and
   * `roles.update` answers.
   */
  readonly passUpdate?: (octets: Uint8Array, from: Requester) => Promise<void> | undefined;
  /** Until then requests wait: which zones there are is not known yet. */
  readonly ready: Promise<void>;
};

export class RequestHandling implements RequestHandler {
  readonly #parts: RequestHandlingParts;

  constructor(parts: RequestHandlingParts) {
    this.#parts = parts;
  }

  response(message: Uint8Array, from: Requester): void {
    this.#parts.roles.response(message, from);
  }

  async request(octets: Uint8Array, from: Requester): Promise<void> {
    if (isUpdate(octets)) {
      await this.#parts.ready;
      const passed = this.#parts.passUpdate?.(octets, from);
      if (passed !== undefined) return passed;
    }
    const request = openRequest(octets, from, this.#parts);
    if (request !== undefined) await this.#dispatch(request);
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

/** RFC 1035 §4.1.1: OPCODE follows QR. */
function isUpdate(octets: Uint8Array): boolean {
  return octets.length >= headerOctets && (octets[2]! & 0xf8) === Opcode.UPDATE << 3;
}

/** Gives zones and differences to who may have them: over streams message by message, as fast as they are taken. */
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { formatName, type Name } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import { messageSigner } from '@riad/dns-server/transfer/stream-signature';
import { TransferAborted } from '@riad/dns-server/transfer/transfer-message';
import { transferOut } from '@riad/dns-server/transfer/transfer-out';
import { readTransferQuery } from '@riad/dns-server/transfer/transfer-query';
import { HeldVersions } from '@riad/dns-server/zone-image/held-versions';
import type { Arena } from '@riad/octets/arena';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { Request } from '../request-opening.ts';
import type { Requester } from '../requests.ts';
import type { AccessControl } from './access-control.ts';
import type { ServedZones } from './served-zones.ts';

/** Each holds a version of all zones, and its share of this thread. */
export const maxTransfersOut = 64;

/** RFC 9103 §7.2: zones go over TLS 1.3 only. Who asks without ALPN gets them: NSD 4.6 is a secondary that does. */
function refusalOfTls({ transport, connection }: Requester): string | undefined {
  return transport === 'tls' && connection?.tlsVersion !== 'TLSv1.3'
    ? 'zones are given over TLS 1.3 only'
    : undefined;
}

export type TransferAnsweringParts = {
  readonly arena: Arena;
  readonly zones: ServedZones;
  readonly access: AccessControl;
  readonly hmac: Hmac;
  readonly now: () => UnixSeconds;
  readonly log: Log;
  /** Whether there is to be a zone that has not come yet. */
  readonly expects?: (zone: Name) => boolean;
  /** Seconds until a zone expires here, for EXPIRE (RFC 7314); undefined: as its SOA says. */
  readonly expiresIn?: (zone: Uint8Array) => number | undefined;
};

export class TransferAnswering {
  readonly #parts: TransferAnsweringParts;
  readonly #held: HeldVersions;
  #running = 0;
  readonly counts = { axfr: 0, ixfr: 0, refused: 0, aborted: 0 };

  constructor(parts: TransferAnsweringParts) {
    this.#parts = parts;
    this.#held = new HeldVersions(parts.arena);
  }

  async transfer(request: Request): Promise<void> {
    const { zones, access } = this.#parts;
    const { questions } = request.message;
    const query = readTransferQuery(request.message);
    const zone = questions[0]?.name;
    // What is not here nobody can have, however he asks (RFC 5936 §2.2.1).
    const isHere = zone !== undefined && zones.find(zone) !== undefined;
    if (zone === undefined || !(isHere || this.#parts.expects?.(zone) === true)) {
      this.counts.refused++;
      request.reply(request.error({ rcode: zone === undefined ? Rcode.FORMERR : Rcode.NOTAUTH }));
      return;
    }
    const sentence = access.refusal('transfer', zone, request) ?? refusalOfTls(request.from);
    if (sentence !== undefined) {
      this.counts.refused++;
      const extendedError = ExtendedError.Prohibited;
      request.reply(request.error({ rcode: Rcode.REFUSED, extendedError, sentence })); // RFC 5936 §5
      return;
    }
    if (!isHere) {
      const extendedError = ExtendedError.NotReady;
      const sentence = 'no primary has given the zone yet';
      request.reply(request.error({ rcode: Rcode.SERVFAIL, extendedError, sentence }));
      return;
    }
    if (query === undefined || 'rcode' in query) {
      request.reply(request.error({ rcode: query?.rcode ?? Rcode.FORMERR }));
      return;
    }
    const held = this.#running < maxTransfersOut ? this.#held.hold(performance.now()) : undefined;
    if (held === undefined) {
      const extendedError = ExtendedError.NotReady;
      const busy = 'too many transfers are under way; try again';
      request.reply(request.error({ rcode: Rcode.SERVFAIL, extendedError, sentence: busy }));
      return;
    }
    this.#running++;
    this.counts[query.kind]++;
    try {
      await this.#send(request, query, held);
    } finally {
      this.#running--;
      held.release();
    }
  }

  /** Ends holds whose deadline has come; to be called now and then. */
  expire(): void {
    this.#held.expire(performance.now());
  }

  async #send(
    request: Request,
    query: Exclude<NonNullable<ReturnType<typeof readTransferQuery>>, { rcode: number }>,
    held: NonNullable<ReturnType<HeldVersions['hold']>>,
  ): Promise<void> {
    const { arena, zones, hmac, now, log, expiresIn } = this.#parts;
    const { from, signed } = request;
    const { connection } = from;
    const begun = performance.now();
    let messages = 0;
    let octets = 0;
    try {
      const answer = transferOut(arena, held, query, {
        transport: connection === undefined ? 'udp' : 'tcp',
        signer: signed === undefined ? undefined : messageSigner(signed, now, hmac),
        history: zones.historyOf(query.zone),
        expireSeconds: expiresIn?.(query.zone),
      });
      for (const message of answer) {
        messages++;
        octets += message.length;
        from.send(connection === undefined ? message.slice() : message); // streams copy it
        if (connection !== undefined && !(await connection.writable())) return;
      }
      log.info('zone transferred', {
        zone: formatName(query.zone),
        kind: query.kind,
        to: from.address,
        over: from.transport,
        messages,
        octets,
        milliseconds: Math.round(performance.now() - begun),
      });
    } catch (error) {
      if (!(error instanceof TransferAborted)) throw error;
      this.counts.aborted++;
      log.warn('transfer given up', { zone: formatName(query.zone), to: from.address, error });
      connection?.close(); // the peer must not take what it has for all of it
    }
  }
}

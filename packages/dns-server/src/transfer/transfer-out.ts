/** Every answer to a query for a transfer that is permitted: which engine writes it. */
import { Rcode } from '@riad/dns/iana/rcodes';
import type { Arena } from '@riad/octets/arena';
import type { ZoneHistory } from '../zone-history/zone-history.ts';
import type { HeldVersion } from '../zone-image/held-versions.ts';
import { zoneFlag, zoneVersion } from '../zone-image/layout.ts';
import { zoneAt } from '../zone-image/zone-at.ts';
import { axfrOut } from './axfr-out.ts';
import { ixfrOut } from './ixfr-out.ts';
import type { MessageSigner } from './transfer-message.ts';
import { answeredQuery, refuseTransfer, type TransferQuery } from './transfer-query.ts';

export type TransferOutOptions = {
  readonly transport: 'udp' | 'tcp';
  readonly signer?: MessageSigner | undefined;
  readonly history?: ZoneHistory | undefined;
  /** For EXPIRE: of a primary the SOA's field, of a secondary what is left (RFC 7314 §3, §4). */
  readonly expireSeconds?: number | undefined;
  /** The peer reads differences of one message only. */
  readonly oneMessage?: boolean | undefined;
  /** The most an answer may have over UDP, whatever the query says. */
  readonly maxUdpOctets?: number | undefined;
};

/**
 * The messages that answer a transfer query, each a view that is valid until the next is asked for.
 * Throws TransferAborted; then the connection has to be closed. `held` stays the caller's to release.
 */
export function* transferOut(
  arena: Arena,
  held: HeldVersion,
  query: TransferQuery,
  options: TransferOutOptions,
): Generator<Uint8Array, void, void> {
  const { transport, signer, history, expireSeconds, oneMessage, maxUdpOctets = 1232 } = options;
  const refuse = (rcode: number): Uint8Array => {
    const message = refuseTransfer(query.message, rcode);
    return signer === undefined ? message : signer.sign(message);
  };
  const zone = zoneAt(arena, held.version, query.zone);
  if (zone === 0) {
    yield refuse(Rcode.NOTAUTH); // RFC 5936 §2.2.1
    return;
  }
  if ((arena.words[zone * 2 + zoneVersion.flags]! & zoneFlag.withheld) !== 0) {
    yield refuse(Rcode.SERVFAIL); // expired
    return;
  }
  const answered = answeredQuery(query, expireSeconds);
  if (query.serial !== undefined) {
    const udpOctets = transport === 'udp' ? Math.min(query.udpOctets, maxUdpOctets) : undefined;
    const ixfr = { signer, udpOctets, oneMessage };
    yield* ixfrOut(arena, held, zone, answered, query.serial, history, ixfr);
  } else if (transport === 'udp') {
    yield refuse(Rcode.REFUSED); // RFC 5936 §4.2: AXFR is for TCP only
  } else {
    yield* axfrOut(arena, held, zone, answered, signer);
  }
}

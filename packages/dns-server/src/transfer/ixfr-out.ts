/**
 * The answer to IXFR (RFC 1995 §4): one SOA for who is up to date, the difference to the version they
 * have, or the whole zone where that difference is not known.
 */
import type { Arena } from '@riad/octets/arena';
import type { ZoneChange } from '../zone-history/zone-change.ts';
import type { ZoneHistory } from '../zone-history/zone-history.ts';
import type { HeldVersion } from '../zone-image/held-versions.ts';
import { rrset, zoneVersion } from '../zone-image/layout.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { axfrOut } from './axfr-out.ts';
import { type AnsweredQuery, MessageFill, maxMessageOctets } from './message-fill.ts';
import { type MessageSigner, TransferAborted } from './transfer-message.ts';

export type IxfrOptions = {
  readonly signer?: MessageSigner | undefined;
  /**
   * Octets that the answer may have over UDP, where it is one message: the difference, or else one SOA
   * that tells the secondary to come again over TCP (RFC 1995 §2). Undefined over TCP.
   */
  readonly udpOctets?: number | undefined;
  /** The peer cannot read a difference in several messages: it gets the whole zone then. */
  readonly oneMessage?: boolean | undefined;
};

/** RFC 1982 §3.2: true too for serials as far apart as can be, which have no order. */
function isOlder(serial: number, than: number): boolean {
  return ((serial - than) | 0) < 0;
}

/**
 * The messages for a secondary with `serial`, under the rules of `axfrOut`. `history` may be ahead of
 * the version held: then it is of no use.
 */
export function* ixfrOut(
  arena: Arena,
  held: HeldVersion,
  zone: number,
  query: AnsweredQuery,
  serial: number,
  history: ZoneHistory | undefined,
  options: IxfrOptions = {},
): Generator<Uint8Array, void, void> {
  const { signer, udpOctets, oneMessage } = options;
  const { words } = arena;
  const present = words[zone * 2 + zoneVersion.serial]! >>> 0;
  const room = (udpOctets ?? maxMessageOctets) - (signer?.maxOctets ?? 0);
  const fill = new MessageFill(arena, words[zone * 2 + zoneVersion.apex]!, query, room);
  const send = (): Uint8Array => {
    const message = fill.take();
    return signer === undefined ? message : signer.sign(message);
  };
  const justSoa = (): Uint8Array => {
    const soa = words[zone * 2 + zoneVersion.soa]!;
    const octets = words[soa * 2 + rrset.sizes]! & 0xffff;
    fill.begin();
    if (!fill.rrset(words[zone * 2 + zoneVersion.apex]!, soa, 0, octets))
      throw new TransferAborted('transfer.record-too-large');
    return send();
  };
  if (!isOlder(serial, present)) {
    yield justSoa();
    return;
  }
  const change = history?.since(serial);
  if (change === undefined || change.toSerial !== present) {
    if (udpOctets !== undefined) yield justSoa();
    else yield* axfrOut(arena, held, zone, query, signer);
    return;
  }
  for (const record of difference(change)) {
    if (fill.record(record)) continue;
    if (udpOctets !== undefined) {
      yield justSoa();
      return;
    }
    if (oneMessage === true) {
      yield* axfrOut(arena, held, zone, query, signer);
      return;
    }
    if (fill.records === 0) throw new TransferAborted('transfer.record-too-large');
    yield send();
    fill.begin();
    if (!fill.record(record)) throw new TransferAborted('transfer.record-too-large');
  }
  yield send();
}

/** RFC 1995 §4: new SOA, old SOA, what goes, new SOA, what comes, new SOA. */
function* difference({ removals, additions }: ZoneChange): Generator<ZoneRecord, void, void> {
  yield additions[0]!;
  yield* removals;
  yield* additions;
  yield additions[0]!;
}

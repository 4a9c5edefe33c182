/**
 * Judges the messages of a transfer one after the other (RFC 8945 §5.3.1): the first and the last are
 * signed, and of those between each hundredth at least. What an unsigned message says may be used
 * only once a later one has verified. After a message that is not verified the connection is closed.
 */
import type { UnixSeconds } from '@riad/octets/engine';
import { macMatches, messageParts, priorMac, tsigTimers } from './digest.ts';
import type { Hmac } from './hmac.ts';
import type { StreamStyle } from './sign-stream.ts';
import { TsigError } from './tsig-error.ts';
import type { TsigKey } from './tsig-key.ts';
import { type FoundTsig, withoutTsig } from './tsig-record.ts';
import { type MacPolicy, wholeMac } from './verify-request.ts';
import {
  type NotVerified,
  outOfTime,
  refusalOf,
  type ServerRefusal,
  signedWith,
  tooShort,
  verifyResponse,
} from './verify-response.ts';

/** RFC 8945 §5.3.1: up to 99 messages between two signed ones. */
export const maxUnsignedInARow = 99;

export type StreamVerifier = {
  readonly key: TsigKey;
  readonly style: StreamStyle;
  readonly leastMac: MacPolicy;
  readonly requestMac: Uint8Array;
  /** MAC of the last signed message; undefined before the first message. */
  readonly before: Uint8Array | undefined;
  readonly timeSigned: number;
  /** The messages since then. Their octets are kept, so nobody may write to them. */
  readonly unsigned: readonly Uint8Array[];
  /** Something was wrong: nothing more is taken. */
  readonly broken: boolean;
};

export type StreamVerdict =
  /** This message, and those unsigned before it, are the server’s. */
  | { readonly kind: 'verified'; readonly message: Uint8Array }
  /** Unsigned: not to be used before a later message has verified. */
  | { readonly kind: 'pending'; readonly message: Uint8Array }
  | ServerRefusal
  | NotVerified
  /** The time signed goes backwards, too many messages are unsigned, or the stream broke before. */
  | { readonly kind: 'broken'; readonly what: 'time-order' | 'unsigned-run' | 'broken-before' };

export function streamVerifier(
  request: { readonly key: TsigKey; readonly mac: Uint8Array },
  style: StreamStyle = 'chained',
  leastMac: MacPolicy = wholeMac,
): StreamVerifier {
  return {
    key: request.key,
    style,
    leastMac,
    requestMac: request.mac,
    before: undefined,
    timeSigned: 0,
    unsigned: [],
    broken: false,
  };
}

/** Whether the stream may end here: the last message was verified (RFC 8945 §5.3.1). */
export function mayEnd(verifier: StreamVerifier): boolean {
  return !verifier.broken && verifier.before !== undefined && verifier.unsigned.length === 0;
}

export function verifyNext(
  verifier: StreamVerifier,
  octets: Uint8Array,
  now: UnixSeconds,
  hmac: Hmac,
): { readonly verifier: StreamVerifier; readonly verdict: StreamVerdict } {
  const broken = (verdict: StreamVerdict): ReturnType<typeof verifyNext> => ({
    verifier: { ...verifier, unsigned: [], broken: true },
    verdict,
  });
  if (verifier.broken) return broken({ kind: 'broken', what: 'broken-before' });
  if (verifier.before === undefined || verifier.style === 'each-alone') {
    const { key, requestMac, leastMac } = verifier;
    const verdict = verifyResponse(octets, { key, mac: requestMac }, now, hmac, leastMac);
    if (verdict.kind !== 'verified') return broken(verdict);
    if (verdict.timeSigned < verifier.timeSigned) {
      return broken({ kind: 'broken', what: 'time-order' });
    }
    return verified(verifier, verdict, verdict.message);
  }

  const tsig = signedWith(octets, verifier.key);
  if ('kind' in tsig) {
    if (tsig.kind !== 'unsigned') return broken(tsig);
    if (verifier.unsigned.length >= maxUnsignedInARow) {
      return broken({ kind: 'broken', what: 'unsigned-run' });
    }
    const unsigned = [...verifier.unsigned, octets];
    return { verifier: { ...verifier, unsigned }, verdict: { kind: 'pending', message: octets } };
  }
  const message = withoutTsig(octets, tsig);
  if (!chainVerifies(verifier, verifier.before, message, tsig, hmac)) {
    return broken({ kind: 'wrong', what: 'mac' });
  }
  // The MAC of a later message does not cover its error, so that nobody vouches for it.
  if (tsig.error !== TsigError.NOERROR) return broken(refusalOf(tsig, false));
  if (tsig.timeSigned < verifier.timeSigned) return broken({ kind: 'broken', what: 'time-order' });
  const wrong = outOfTime(tsig, now) ?? tooShort(tsig, verifier.key, verifier.leastMac);
  return wrong === undefined ? verified(verifier, tsig, message) : broken(wrong);
}

function verified(
  verifier: StreamVerifier,
  { mac, timeSigned }: Pick<FoundTsig, 'mac' | 'timeSigned'>,
  message: Uint8Array,
): ReturnType<typeof verifyNext> {
  return {
    verifier: { ...verifier, before: new Uint8Array(mac), timeSigned, unsigned: [] },
    verdict: { kind: 'verified', message },
  };
}

/** RFC 8945 §5.3.1: the MAC before, every message since then, this one, its timers, and nothing else. */
function chainVerifies(
  { key, unsigned }: StreamVerifier,
  before: Uint8Array,
  message: Uint8Array,
  tsig: FoundTsig,
  hmac: Hmac,
): boolean {
  const parts = [
    priorMac(before),
    ...unsigned,
    ...messageParts(message, tsig.originalId),
    tsigTimers(tsig),
  ];
  return macMatches(tsig.mac, hmac(key.algorithm, key.secret, parts));
}

/**
 * Judges the signature of a response to a signed request (RFC 8945 §5.4). The caller has matched ID,
 * question and address; a response that is not verified is no answer, and RFC 8945 §5.4 has him wait
 * for another. Streams of several messages have `verify-stream.ts`.
 */
import type { DecodeError } from '@riad/octets/decode-error';
import type { UnixSeconds } from '@riad/octets/engine';
import { Reader } from '@riad/octets/reader';
import { equalNames } from '../name.ts';
import { priorMac } from './digest.ts';
import { type Hmac, hmacAlgorithms } from './hmac.ts';
import { TsigError } from './tsig-error.ts';
import type { TsigKey } from './tsig-key.ts';
import { type FoundTsig, findTsig, withoutTsig } from './tsig-record.ts';
import { type MacPolicy, macLengthError, verifyingId, wholeMac } from './verify-request.ts';

export type ResponseVerdict =
  | {
      readonly kind: 'verified';
      /** Without its TSIG. */
      readonly message: Uint8Array;
      readonly mac: Uint8Array;
      readonly timeSigned: number;
    }
  | ServerRefusal
  | NotVerified;

/** The server did not take our signature. Only an authentic one is known to be the server’s word. */
export type ServerRefusal = {
  readonly kind: 'refused';
  /** Of `TsigError`, or another number. */
  readonly error: number;
  readonly authentic: boolean;
  /** With BADTIME: seconds since 1970 by the server’s clock. */
  readonly serverTime: number | undefined;
};

export type NotVerified =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'malformed'; readonly error: DecodeError }
  /** Another key, a wrong MAC, a time out of the fudge, or a MAC shorter than we take. */
  | { readonly kind: 'wrong'; readonly what: 'key' | 'mac' | 'time' | 'mac-length' };

export function verifyResponse(
  octets: Uint8Array,
  request: { readonly key: TsigKey; readonly mac: Uint8Array },
  now: UnixSeconds,
  hmac: Hmac,
  leastMac: MacPolicy = wholeMac,
): ResponseVerdict {
  const { key } = request;
  const found = signedWith(octets, key);
  if ('kind' in found) return found;
  const message = withoutTsig(octets, found);
  if (verifyingId(message, found, key, [priorMac(request.mac)], hmac) === undefined) {
    return { kind: 'wrong', what: 'mac' };
  }
  if (found.error !== TsigError.NOERROR) return refusalOf(found, true);
  return (
    outOfTime(found, now) ??
    tooShort(found, key, leastMac) ?? {
      kind: 'verified',
      message,
      mac: new Uint8Array(found.mac),
      timeSigned: found.timeSigned,
    }
  );
}

/** The TSIG of a response, made with this key by what it says itself. */
export function signedWith(
  octets: Uint8Array,
  key: TsigKey,
): FoundTsig | NotVerified | ServerRefusal {
  const found = findTsig(octets);
  if (!found.ok) return { kind: 'malformed', error: found.error };
  const tsig = found.value;
  if (tsig === undefined) return { kind: 'unsigned' };
  const algorithm = hmacAlgorithms[key.algorithm].name;
  if (!equalNames(tsig.keyName, key.name) || !equalNames(tsig.algorithmName, algorithm)) {
    return { kind: 'wrong', what: 'key' };
  }
  // RFC 8945 §5.3.2: errors of key and MAC come without a MAC, and prove nothing.
  if (tsig.mac.length === 0 && tsig.error !== TsigError.NOERROR) return refusalOf(tsig, false);
  const error = macLengthError(tsig, key.algorithm);
  return error === undefined ? tsig : { kind: 'malformed', error };
}

export function refusalOf(tsig: FoundTsig, authentic: boolean): ServerRefusal {
  const { error, other } = tsig;
  const told = error === TsigError.BADTIME && other.length === 6;
  const serverTime = told ? new Reader(other).uint48('server time') : undefined;
  return { kind: 'refused', error, authentic, serverTime };
}

/** RFC 8945 §5.2.3. */
export function outOfTime(tsig: FoundTsig, now: UnixSeconds): NotVerified | undefined {
  const apart = Math.abs(now - tsig.timeSigned);
  return apart > tsig.fudgeSeconds ? { kind: 'wrong', what: 'time' } : undefined;
}

export function tooShort(
  tsig: FoundTsig,
  key: TsigKey,
  leastMac: MacPolicy,
): NotVerified | undefined {
  if (tsig.mac.length >= leastMac(key.algorithm)) return undefined;
  return { kind: 'wrong', what: 'mac-length' };
}

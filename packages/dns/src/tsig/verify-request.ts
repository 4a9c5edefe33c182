/**
 * Judges the signature of a request (RFC 8945 §5.2): its shape, its key, its MAC, its time, and how
 * short its MAC may be, in this order. Not here: what the key may do, and copies of a request that
 * come again (`replay-memory.ts`).
 */
import { DecodeError } from '@riad/octets/decode-error';
import type { UnixSeconds } from '@riad/octets/engine';
import { codes } from '../codes.ts';
import { macMatches, messageParts, tsigVariables } from './digest.ts';
import {
  type Hmac,
  type HmacAlgorithm,
  hmacAlgorithms,
  hmacOfName,
  leastMacOctets,
} from './hmac.ts';
import { TsigError } from './tsig-error.ts';
import type { KeyLookup, TsigKey } from './tsig-key.ts';
import { type FoundTsig, findTsig, uint16At, withoutTsig } from './tsig-record.ts';

/** What a response needs to know of the request it answers. */
export type SignedRequest = {
  /** The key that verified: of two live secrets, the one that was used. */
  readonly key: TsigKey;
  /** As it came, which may be cut short. */
  readonly mac: Uint8Array;
  readonly timeSigned: number;
  readonly fudgeSeconds: number;
  /** The ID the client gave the message; a forwarder may have changed it on the way. */
  readonly originalId: number;
  /** The MAC is over the ID as it came, and Original ID is a meaningless 0. */
  readonly withoutOriginalId: boolean;
};

/** A request that is answered with an error of TSIG; `refusal.ts` writes that. */
export type Refusal =
  | {
      readonly error: typeof TsigError.BADKEY | typeof TsigError.BADSIG;
      readonly tsig: FoundTsig;
      readonly request: undefined;
    }
  | {
      readonly error: typeof TsigError.BADTIME | typeof TsigError.BADTRUNC;
      readonly tsig: FoundTsig;
      readonly request: SignedRequest;
    };

export type RequestVerdict =
  | { readonly kind: 'unsigned' }
  /** FORMERR, unsigned. */
  | { readonly kind: 'malformed'; readonly error: DecodeError }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** `message` is a copy without its TSIG, under the ID it came with. */
  | { readonly kind: 'verified'; readonly message: Uint8Array; readonly request: SignedRequest };

/** The least octets of a MAC that are taken; less is BADTRUNC (RFC 8945 §5.2.4). */
export type MacPolicy = (algorithm: HmacAlgorithm) => number;

/** Whole MACs only. */
export const wholeMac: MacPolicy = (algorithm) => hmacAlgorithms[algorithm].octets;

export function verifyRequest(
  octets: Uint8Array,
  keys: KeyLookup,
  now: UnixSeconds,
  hmac: Hmac,
  leastMac: MacPolicy = wholeMac,
): RequestVerdict {
  const found = findTsig(octets);
  if (!found.ok) return { kind: 'malformed', error: found.error };
  const tsig = found.value;
  if (tsig === undefined) return { kind: 'unsigned' };

  // RFC 8945 §5.2.1: a key with another algorithm is another key.
  const algorithm = hmacOfName(tsig.algorithmName);
  const candidates = algorithm === undefined ? [] : keys(tsig.keyName, algorithm);
  if (algorithm === undefined || candidates.length === 0) {
    return refuse({ error: TsigError.BADKEY, tsig, request: undefined });
  }

  const wrongLength = macLengthError(tsig, algorithm);
  if (wrongLength !== undefined) return { kind: 'malformed', error: wrongLength };
  const message = withoutTsig(octets, tsig);
  const verified = verifyingKey(message, tsig, candidates, hmac);
  if (verified === undefined) return refuse({ error: TsigError.BADSIG, tsig, request: undefined });

  const request: SignedRequest = {
    ...verified,
    mac: new Uint8Array(tsig.mac),
    timeSigned: tsig.timeSigned,
    fudgeSeconds: tsig.fudgeSeconds,
    originalId: tsig.originalId,
  };
  if (Math.abs(now - tsig.timeSigned) > tsig.fudgeSeconds) {
    return refuse({ error: TsigError.BADTIME, tsig, request }); // RFC 8945 §5.2.3
  }
  if (tsig.mac.length < leastMac(algorithm)) {
    return refuse({ error: TsigError.BADTRUNC, tsig, request }); // RFC 8945 §5.2.4
  }
  return { kind: 'verified', message, request };
}

function refuse(refusal: Refusal): RequestVerdict {
  return { kind: 'refused', refusal };
}

/** RFC 8945 §5.2.2.1: longer than the output of the HMAC, or shorter than any policy may allow. */
export function macLengthError(
  { start, mac }: FoundTsig,
  algorithm: HmacAlgorithm,
): DecodeError | undefined {
  const { length } = mac;
  if (length >= leastMacOctets(algorithm) && length <= hmacAlgorithms[algorithm].octets) {
    return undefined;
  }
  return new DecodeError('tsig.mac-length', start, codes['tsig.mac-length']);
}

function verifyingKey(
  message: Uint8Array,
  tsig: FoundTsig,
  candidates: readonly TsigKey[],
  hmac: Hmac,
): Pick<SignedRequest, 'key' | 'withoutOriginalId'> | undefined {
  for (const key of candidates) {
    const id = verifyingId(message, tsig, key, [], hmac);
    if (id !== undefined) return { key, withoutOriginalId: id !== tsig.originalId };
  }
  return undefined;
}

/** The ID under which the MAC is right, if it is; `before` leads the digest. */
export function verifyingId(
  message: Uint8Array,
  tsig: FoundTsig,
  { algorithm, secret }: TsigKey,
  before: readonly Uint8Array[],
  hmac: Hmac,
): number | undefined {
  const variables = tsigVariables(tsig);
  const verifies = (id: number): boolean => {
    const parts = [...before, ...messageParts(message, id), variables];
    return macMatches(tsig.mac, hmac(algorithm, secret, parts));
  };
  if (verifies(tsig.originalId)) return tsig.originalId; // RFC 8945 §4.3.2
  // ocaml-dns and what is built on it leave Original ID at 0 and sign the ID as it is sent. The MAC
  // still binds all of the message, so that nothing is lost by taking it.
  const id = uint16At(message, 0);
  return tsig.originalId === 0 && id !== 0 && verifies(id) ? id : undefined;
}

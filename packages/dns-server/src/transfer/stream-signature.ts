/**
 * TSIG for the engines of this package (RFC 8945): what signs and verifies the messages of a transfer, and
 * what signs a NOTIFY and verifies its answer. The engines know nothing of keys and clocks.
 */
import type { Hmac } from '@riad/dns/tsig/hmac';
import { signRequest } from '@riad/dns/tsig/sign';
import { type StreamStyle, signNext, streamSigner } from '@riad/dns/tsig/sign-stream';
import { signatureOctets, type TsigKey } from '@riad/dns/tsig/tsig-key';
import { type MacPolicy, wholeMac } from '@riad/dns/tsig/verify-request';
import { verifyResponse } from '@riad/dns/tsig/verify-response';
import {
  mayEnd,
  type StreamVerdict,
  streamVerifier,
  verifyNext,
} from '@riad/dns/tsig/verify-stream';
import type { UnixSeconds } from '@riad/octets/engine';
import type { RequestSigner } from '../notify/notify-sender.ts';
import type { MessageSigner, MessageVerifier, Verified } from './transfer-message.ts';

/** The key of a request, and the MAC it had. */
export type SignedWith = { readonly key: TsigKey; readonly mac: Uint8Array };
export type WallClock = () => UnixSeconds;

/** Signs every message of the answer to a request. */
export function messageSigner(
  request: SignedWith,
  clock: WallClock,
  hmac: Hmac,
  style: StreamStyle = 'chained',
): MessageSigner {
  let signer = streamSigner(request, style);
  return {
    maxOctets: signatureOctets(request.key),
    sign: (message) => {
      const next = signNext(signer, message, clock(), hmac);
      signer = next.signer;
      return next.octets;
    },
  };
}

/** Verifies the answer to a request that we signed. */
export function messageVerifier(
  request: SignedWith,
  clock: WallClock,
  hmac: Hmac,
  style: StreamStyle = 'chained',
  leastMac: MacPolicy = wholeMac,
): MessageVerifier {
  let verifier = streamVerifier(request, style, leastMac);
  return {
    verify: (octets) => {
      const next = verifyNext(verifier, octets, clock(), hmac);
      verifier = next.verifier;
      return judged(next.verdict);
    },
    mayEnd: () => mayEnd(verifier),
  };
}

/** Signs NOTIFY with the newest secret of a key at the moment it leaves. */
export function notifySigner(
  keyOf: (key: string) => TsigKey | undefined,
  clock: WallClock,
  hmac: Hmac,
): RequestSigner {
  return (name, message) => {
    const key = keyOf(name);
    if (key === undefined) return undefined;
    const { octets, mac } = signRequest(message, key, clock(), hmac);
    return {
      octets,
      verify: (answer) => judged(verifyResponse(answer, { key, mac }, clock(), hmac)),
    };
  };
}

/** Unsigned messages in between count once a later one verifies, and nothing is applied before (§5.3.1). */
function judged(verdict: StreamVerdict): Verified {
  switch (verdict.kind) {
    case 'verified':
    case 'pending':
      return { ok: true, message: verdict.message };
    case 'wrong':
    case 'broken':
      return { ok: false, code: `${verdict.kind}: ${verdict.what}` };
    case 'refused':
      return { ok: false, code: `refused: TSIG error ${verdict.error}` };
    default:
      return { ok: false, code: verdict.kind };
  }
}

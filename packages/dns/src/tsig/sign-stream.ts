/** Signs the messages of a transfer, every one of them (RFC 8945 §5.3.1). */
import type { UnixSeconds } from '@riad/octets/engine';
import { messageParts, priorMac, tsigTimers } from './digest.ts';
import { type Hmac, hmacAlgorithms } from './hmac.ts';
import { sign } from './sign.ts';
import { TsigError } from './tsig-error.ts';
import { defaultFudgeSeconds, type TsigKey } from './tsig-key.ts';
import { appendTsig, uint16At } from './tsig-record.ts';

/**
 * `chained`: each MAC covers the one before, as RFC 8945 §5.3.1 has it. `each-alone`: every message is
 * signed as if it were the only response, which is what ocaml-dns does and understands; whoever
 * reads such a stream cannot tell that messages were left out or moved.
 */
export type StreamStyle = 'chained' | 'each-alone';

export type StreamSigner = {
  readonly key: TsigKey;
  readonly style: StreamStyle;
  readonly requestMac: Uint8Array;
  /** MAC of the message before; undefined before the first. */
  readonly before: Uint8Array | undefined;
  readonly timeSigned: number;
};

export function streamSigner(
  request: { readonly key: TsigKey; readonly mac: Uint8Array },
  style: StreamStyle = 'chained',
): StreamSigner {
  const { key, mac } = request;
  return { key, style, requestMac: mac, before: undefined, timeSigned: 0 };
}

/** The next message, signed; `signatureOctets(key)` must be left of the most a message may have. */
export function signNext(
  signer: StreamSigner,
  message: Uint8Array,
  now: UnixSeconds,
  hmac: Hmac,
): { readonly signer: StreamSigner; readonly octets: Uint8Array } {
  const { key, style, requestMac, before } = signer;
  // RFC 8945 §5.3.1: the client refuses a time that goes backwards; a clock may.
  const timeSigned = Math.max(now, signer.timeSigned);
  const times = { timeSigned, fudgeSeconds: defaultFudgeSeconds };
  if (before === undefined || style === 'each-alone') {
    const { octets, mac } = sign(message, key, hmac, [priorMac(requestMac)], times);
    return { signer: { ...signer, before: mac, timeSigned }, octets };
  }
  const originalId = uint16At(message, 0);
  const parts = [priorMac(before), ...messageParts(message, originalId), tsigTimers(times)];
  const mac = hmac(key.algorithm, key.secret, parts);
  const octets = appendTsig(message, {
    keyName: key.name,
    algorithmName: hmacAlgorithms[key.algorithm].name,
    ...times,
    mac,
    originalId,
    error: TsigError.NOERROR,
    other: new Uint8Array(0),
  });
  return { signer: { ...signer, before: mac, timeSigned }, octets };
}

/** Signs requests and responses (RFC 8945 §5.1, §5.3). Streams have `sign-stream.ts`. */
import type { UnixSeconds } from '@riad/octets/engine';
import { headerOctets, maxMessageOctets } from '../message.ts';
import { maxNameOctets } from '../name.ts';
import { messageParts, priorMac, tsigVariables } from './digest.ts';
import { type Hmac, hmacAlgorithms } from './hmac.ts';
import { TsigError } from './tsig-error.ts';
import { defaultFudgeSeconds, signatureOctets, type TsigKey } from './tsig-key.ts';
import { appendTsig, setUint16, type TsigFields, uint16At } from './tsig-record.ts';
import type { SignedRequest } from './verify-request.ts';

/** `mac`: leads the digest of the response, so whoever waits for that keeps it. */
export type Signed = { readonly octets: Uint8Array; readonly mac: Uint8Array };

const none = new Uint8Array(0);

/** The message, unsigned so far, with a signature made now. */
export function signRequest(
  message: Uint8Array,
  key: TsigKey,
  now: UnixSeconds,
  hmac: Hmac,
  fudgeSeconds: number = defaultFudgeSeconds,
): Signed {
  return sign(message, key, hmac, [], { timeSigned: now, fudgeSeconds });
}

/**
 * A response with the signature of the key that signed its request. What does not fit with it into
 * `limitOctets` is left out: then TC is set, and question and TSIG are all there is (RFC 8945 §5.3).
 */
export function signResponse(
  message: Uint8Array,
  request: Pick<SignedRequest, 'key' | 'mac'>,
  now: UnixSeconds,
  hmac: Hmac,
  limitOctets: number = maxMessageOctets,
): Signed {
  const room = limitOctets - signatureOctets(request.key);
  const whole = fitted(message, room);
  const fields = { timeSigned: now, fudgeSeconds: defaultFudgeSeconds };
  return sign(whole, request.key, hmac, [priorMac(request.mac)], fields);
}

/** The message itself, or what may be left of it. */
export function fitted(message: Uint8Array, roomOctets: number): Uint8Array {
  if (message.length <= Math.min(roomOctets, maxMessageOctets)) return message;
  const end = questionEnd(message);
  // A question of 255 octets, such a key name and 512 octets in all: the question goes as well, for
  // without the signature the client believes nothing.
  const kept = end <= roomOctets ? end : headerOctets;
  const rest = new Uint8Array(message.subarray(0, kept)); // `slice` of a Node Buffer is no copy
  rest[2] = rest[2]! | 0x02; // TC
  rest[3] = rest[3]! & 0xf0; // RFC 8945 §5.3: RCODE 0
  if (kept === headerOctets) setUint16(rest, 4, 0);
  rest.fill(0, 6, headerOctets);
  return rest;
}

/** Where the question of a message of ours ends; behind the header when it has none. */
function questionEnd(message: Uint8Array): number {
  if (uint16At(message, 4) === 0) return headerOctets;
  let at = headerOctets;
  while (message[at] !== 0) {
    at += message[at]! + 1;
    if (!(at - headerOctets < maxNameOctets)) throw new RangeError('a response without a question');
  }
  return at + 5;
}

/** Signs with these fields; `before` leads the digest. */
export function sign(
  message: Uint8Array,
  key: TsigKey,
  hmac: Hmac,
  before: readonly Uint8Array[],
  given: Pick<TsigFields, 'timeSigned' | 'fudgeSeconds'> & { error?: number; other?: Uint8Array },
): Signed {
  const fields = {
    keyName: key.name,
    algorithmName: hmacAlgorithms[key.algorithm].name,
    originalId: uint16At(message, 0), // RFC 8945 §5.1
    error: TsigError.NOERROR,
    other: none,
    ...given,
  };
  const parts = [...before, ...messageParts(message, fields.originalId), tsigVariables(fields)];
  const mac = hmac(key.algorithm, key.secret, parts);
  return { octets: appendTsig(message, { ...fields, mac }), mac };
}

/**
 * The response to a request whose signature is refused (RFC 8945 §5.3.2): RCODE NOTAUTH, and a TSIG
 * that says why. What nobody proved, key or MAC, is answered unsigned; the rest signed.
 */
import type { UnixSeconds } from '@riad/octets/engine';
import { Writer } from '@riad/octets/writer';
import { Rcode } from '../iana/rcodes.ts';
import { maxMessageOctets } from '../message.ts';
import { priorMac } from './digest.ts';
import type { Hmac } from './hmac.ts';
import { fitted, sign } from './sign.ts';
import { TsigError } from './tsig-error.ts';
import { defaultFudgeSeconds, signatureOctets } from './tsig-key.ts';
import { appendTsig, uint16At } from './tsig-record.ts';
import type { Refusal } from './verify-request.ts';

const none = new Uint8Array(0);
const timeOctets = 6;

/**
 * `response`: header, question and OPT as for any error; its RCODE is set here. When all that does not
 * fit into `limitOctets`, it is cut as every signed response is, and the TSIG still says why.
 */
export function refuseRequest(
  response: Uint8Array,
  refusal: Refusal,
  now: UnixSeconds,
  hmac: Hmac,
  limitOctets: number = maxMessageOctets,
): Uint8Array {
  const { error, tsig, request } = refusal;
  const message = new Uint8Array(response); // `slice` of a Node Buffer is no copy
  message[3] = (message[3]! & 0xf0) | Rcode.NOTAUTH;
  if (request === undefined) {
    const { keyName, algorithmName, timeSigned, fudgeSeconds } = tsig;
    const room = limitOctets - (keyName.length + 10 + algorithmName.length + 16);
    return appendTsig(fitted(message, room), {
      keyName,
      algorithmName,
      timeSigned,
      fudgeSeconds,
      mac: none, // RFC 8945 §5.3.2: MAC size 0
      originalId: uint16At(response, 0),
      error,
      other: none,
    });
  }
  const late = error === TsigError.BADTIME;
  const room = limitOctets - signatureOctets(request.key) - (late ? timeOctets : 0);
  return sign(fitted(message, room), request.key, hmac, [priorMac(request.mac)], {
    // RFC 8945 §5.2.3: the client’s own time, so that it can check the MAC, and ours beside it.
    timeSigned: late ? request.timeSigned : now,
    fudgeSeconds: late ? request.fudgeSeconds : defaultFudgeSeconds,
    error,
    other: late ? timeOf(now) : none,
  }).octets;
}

function timeOf(now: UnixSeconds): Uint8Array {
  const writer = new Writer(timeOctets);
  writer.uint48(now);
  return writer.copy();
}

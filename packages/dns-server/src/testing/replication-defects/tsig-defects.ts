/** Defects in signatures (RFC 8945), of single messages and of streams. */
import { change, type Defect, dns, noticer } from './defect.ts';

const digest = dns('tsig/digest.ts');
const request = dns('tsig/verify-request.ts');
const response = dns('tsig/verify-response.ts');
const stream = dns('tsig/verify-stream.ts');
const sign = dns('tsig/sign.ts');
const refusal = dns('tsig/refusal.ts');
const record = dns('tsig/tsig-record.ts');
const replay = dns('tsig/replay-memory.ts');

const byRequest = noticer(dns('tsig/verify-request.test.ts'));
const bySign = noticer(dns('tsig/sign.test.ts'));
const byStream = noticer(dns('tsig/stream.test.ts'));
const byReplay = noticer(dns('tsig/replay-memory.test.ts'));

export const tsigDefects: readonly Defect[] = [
  {
    what: 'every message of a transfer is signed as if it were the only one',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      dns('tsig/sign-stream.ts'),
      "if (before === undefined || style === 'each-alone') {",
      'if (before !== before || style.length > 0) {',
    ),
    noticedBy: byStream('later digests'),
  },
  {
    what: 'unsigned messages between signed ones are refused',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      stream,
      "if (tsig.kind !== 'unsigned') return broken(tsig);",
      'return broken(tsig);',
    ),
    noticedBy: byStream('99 again and again'),
  },
  {
    what: 'a hundred unsigned messages in a row are taken',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      stream,
      'if (verifier.unsigned.length >= maxUnsignedInARow) {',
      'if (verifier.unsigned.length > maxUnsignedInARow) {',
    ),
    noticedBy: byStream('100 in a row'),
  },
  {
    what: 'a transfer may end with an unsigned message',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      stream,
      'return !verifier.broken && verifier.before !== undefined && verifier.unsigned.length === 0;',
      'return !verifier.broken && verifier.before !== undefined;',
    ),
    noticedBy: byStream('the last unsigned'),
  },
  {
    what: 'unsigned messages are in no digest, so that anybody may change them',
    rule: 'RFC 8945 §5.3.1',
    changes: change(stream, '    ...unsigned,\n', ''),
    noticedBy: byStream('99 again and again'),
  },
  {
    what: 'later messages of a transfer are not bound to those before',
    rule: 'RFC 8945 §5.3.1',
    changes: change(stream, '    priorMac(before),\n', '    priorMac(before.fill(0)),\n'),
    noticedBy: byStream('whole'),
  },
  {
    what: 'later messages digest all variables, and not the timers alone',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      dns('tsig/sign-stream.ts'),
      'tsigTimers(times)];',
      'key.name, tsigTimers(times)];',
    ),
    noticedBy: byStream('later digests'),
  },
  {
    what: 'the time may go backwards within a transfer',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      stream,
      "if (tsig.timeSigned < verifier.timeSigned) return broken({ kind: 'broken', what: 'time-order' });",
      '',
    ),
    noticedBy: byStream('going backwards is refused'),
  },
  {
    what: 'the times of a transfer follow a clock that goes backwards',
    rule: 'RFC 8945 §5.3.1',
    changes: change(dns('tsig/sign-stream.ts'), 'Math.max(now, signer.timeSigned)', 'now'),
    noticedBy: byStream('a clock that goes backwards'),
  },
  {
    what: 'after a message that does not verify the transfer goes on',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      stream,
      "if (verifier.broken) return broken({ kind: 'broken', what: 'broken-before' });",
      '',
    ),
    noticedBy: byStream('reordered'),
  },
  {
    what: 'Original ID is sent as 0',
    rule: 'RFC 8945 §5.1',
    changes: change(sign, 'originalId: uint16At(message, 0), // RFC 8945 §5.1', 'originalId: 0,'),
    noticedBy: bySign('octet for octet as'),
  },
  {
    what: 'Original ID is not put into the digest, so that what was forwarded does not verify',
    rule: 'RFC 8945 §4.3.2',
    changes: change(
      request,
      'if (verifies(tsig.originalId)) return tsig.originalId;',
      'if (verifies(uint16At(message, 0))) return uint16At(message, 0);',
    ),
    noticedBy: byRequest('a forwarder changed the ID'),
  },
  {
    what: 'who leaves Original ID at 0, as ocaml-dns does, is not understood',
    rule: 'RFC 8945 §4.3.2',
    changes: change(
      request,
      'return tsig.originalId === 0 && id !== 0 && verifies(id) ? id : undefined;',
      'return id === -1 ? id : undefined;',
    ),
    noticedBy: byRequest('ocaml-dns: Original ID 0'),
  },
  {
    what: 'the time is judged before the MAC, so that strangers learn the clock of the server',
    rule: 'RFC 8945 §5.2',
    changes: change(
      request,
      'const verified = verifyingKey(message, tsig, candidates, hmac);',
      'if (Math.abs(now - tsig.timeSigned) > tsig.fudgeSeconds)\n    return refuse({ error: TsigError.BADTIME, tsig, request: { ...tsig, key: candidates[0]!, withoutOriginalId: false } });\n  const verified = verifyingKey(message, tsig, candidates, hmac);',
    ),
    noticedBy: byRequest('another secret, late and short'),
  },
  {
    what: 'how short a MAC is comes before its time',
    rule: 'RFC 8945 §5.2',
    changes: change(
      request,
      'if (Math.abs(now - tsig.timeSigned) > tsig.fudgeSeconds) {',
      'if (Math.abs(now - tsig.timeSigned) > tsig.fudgeSeconds && tsig.mac.length >= leastMac(algorithm)) {',
    ),
    noticedBy: byRequest('late and short'),
  },
  {
    what: 'a key does for every algorithm',
    rule: 'RFC 8945 §5.2.1',
    changes: change(
      request,
      'const candidates = algorithm === undefined ? [] : keys(tsig.keyName, algorithm);',
      "const candidates = algorithm === undefined ? [] : (['hmac-sha1', 'hmac-sha256'] as const).flatMap((each) => keys(tsig.keyName, each));",
    ),
    noticedBy: byRequest('another algorithm'),
  },
  {
    what: 'of two live secrets only the newest verifies',
    rule: 'RFC 8945 §5.2.1',
    changes: change(
      request,
      'for (const key of candidates) {',
      'for (const key of candidates.slice(0, 1)) {',
    ),
    noticedBy: byRequest('the second of two secrets'),
  },
  {
    what: 'a request of any age is taken',
    rule: 'RFC 8945 §5.2.3',
    changes: change(
      request,
      'if (Math.abs(now - tsig.timeSigned) > tsig.fudgeSeconds) {',
      'if (now - tsig.timeSigned > 2 ** 48) {',
    ),
    noticedBy: byRequest('too early'),
  },
  {
    what: 'a MAC of ten octets does for every algorithm',
    rule: 'RFC 8945 §5.2.2.1',
    changes: change(
      dns('tsig/hmac.ts'),
      'return Math.max(10, hmacAlgorithms[algorithm].octets / 2);',
      'return hmacAlgorithms[algorithm].octets > 0 ? 10 : 0;',
    ),
    noticedBy: byRequest('below half of the output'),
  },
  {
    what: 'a MAC shorter than the policy wants is taken',
    rule: 'RFC 8945 §5.2.4',
    changes: change(
      request,
      'if (tsig.mac.length < leastMac(algorithm)) {',
      'if (tsig.mac.length < 0) {',
    ),
    noticedBy: byRequest('short'),
  },
  {
    what: 'MACs are compared up to the first octet that differs',
    rule: 'RFC 8945 §8',
    changes: change(
      digest,
      'for (let i = 0; i < received.length; i++) difference |= received[i]! ^ computed[i]!;',
      'for (let i = 0; i < received.length && difference === 0; i++) difference |= received[i]! ^ computed[i]!;',
    ),
    noticedBy: { file: dns('tsig/digest.test.ts'), test: 'MACs: every octet is looked at' },
  },
  {
    what: 'a TSIG need not be the last record',
    rule: 'RFC 8945 §5.2',
    changes: change(
      record,
      "if (i < others || i !== records - 1) fail('message.tsig-last', start);",
      '',
    ),
    noticedBy: byRequest('a TSIG that is not last'),
  },
  {
    what: 'key names compare with case',
    rule: 'RFC 8945 §4.2',
    changes: change(record, 'canonicalName(ownerName(reader))', 'ownerName(reader)'),
    noticedBy: byRequest('key and algorithm are compared without case'),
  },
  {
    what: 'the digest of a response does not begin with the MAC of the request',
    rule: 'RFC 8945 §4.3.1',
    changes: change(
      sign,
      'return sign(whole, request.key, hmac, [priorMac(request.mac)], fields);',
      'return sign(whole, request.key, hmac, [], fields);',
    ),
    noticedBy: bySign('RFC 8945 §4.3.1: the digest begins'),
  },
  {
    what: 'a response to another request is taken',
    rule: 'RFC 8945 §5.4',
    changes: change(
      response,
      'if (verifyingId(message, found, key, [priorMac(request.mac)], hmac) === undefined) {',
      'if (verifyingId(message, found, key, [priorMac(request.mac)], hmac) === undefined && found.error !== 0) {',
    ),
    noticedBy: bySign('refused: of another request'),
  },
  {
    what: 'BADTIME comes with the time of the server in the wrong place',
    rule: 'RFC 8945 §5.2.3',
    changes: change(refusal, 'timeSigned: late ? request.timeSigned : now,', 'timeSigned: now,'),
    noticedBy: bySign('BADTIME: signed'),
  },
  {
    what: 'BADTIME does not tell the time of the server',
    rule: 'RFC 8945 §5.2.3',
    changes: change(refusal, 'other: late ? timeOf(now) : none,', 'other: none,'),
    noticedBy: bySign('BADTIME: signed'),
  },
  {
    what: 'BADTRUNC is answered unsigned',
    rule: 'RFC 8945 §5.3.2',
    changes: change(
      refusal,
      'if (request === undefined) {',
      'if (request === undefined || error === TsigError.BADTRUNC) {',
    ),
    noticedBy: bySign('BADTRUNC: signed'),
  },
  {
    what: 'a refused signature is not NOTAUTH',
    rule: 'RFC 8945 §5.2',
    changes: change(
      refusal,
      'message[3] = (message[3]! & 0xf0) | Rcode.NOTAUTH;',
      'message[3] = (message[3]! & 0xf0) | Rcode.REFUSED;',
    ),
    noticedBy: bySign('NOTAUTH, unsigned, with an empty MAC'),
  },
  {
    what: 'a signed response that does not fit is longer than it may be',
    rule: 'RFC 8945 §5.3',
    changes: change(
      sign,
      'const room = limitOctets - signatureOctets(request.key);',
      'const room = limitOctets;',
    ),
    noticedBy: bySign('the last octet decides'),
  },
  {
    what: 'a signed response that does not fit has no TC',
    rule: 'RFC 8945 §5.3',
    changes: change(sign, 'rest[2] = rest[2]! | 0x02; // TC', ''),
    noticedBy: bySign('the last octet decides'),
  },
  {
    what: 'a copy of an update is done again',
    rule: 'RFC 8945 §5.2.3, RFC 2136 §5',
    changes: change(
      replay,
      'const before = second?.rcodes.get(mac);',
      'const before = undefined as number | undefined;',
    ),
    noticedBy: byReplay('RFC 8945 §5.2.3: a copy within the fudge is known'),
  },
  {
    what: 'a copy whose MAC is cut is another request',
    rule: 'RFC 8945 §5.2.2.1',
    changes: change(
      replay,
      'return textFromOctets(mac.subarray(0, leastMacOctets(key.algorithm)));',
      'return textFromOctets(mac.subarray(0, leastMacOctets(key.algorithm) * 2));',
    ),
    noticedBy: byReplay('a copy whose MAC is cut'),
  },
  {
    what: 'what was forgotten is taken once more when the clock goes back',
    rule: 'RFC 8945 §5.2.3',
    changes: change(
      replay,
      "if (timeSigned <= memory.forgottenTime) return { kind: 'too-old' };",
      '',
    ),
    noticedBy: byReplay('what is out of the fudge is forgotten'),
  },
];

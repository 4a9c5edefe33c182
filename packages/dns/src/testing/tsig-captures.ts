/**
 * Requests as other people's programs signed them, 2026-11-25, to a socket that only listened. Secret
 * `c2VjcmV0IG9mIDE2IG9jdGV0cw==`; BIND 9.18.49, Knot 3.2.6.
 */
import { parseBase64 } from '@riad/octets/base64';
import type { UnixSeconds } from '@riad/octets/engine';
import { parseHex } from '@riad/octets/hex';
import { parseName } from '../name.ts';
import type { HmacAlgorithm } from '../tsig/hmac.ts';
import type { TsigKey } from '../tsig/tsig-key.ts';

export const capturedSecret: Uint8Array = parseBase64('c2VjcmV0IG9mIDE2IG9jdGV0cw==');

export type Capture = {
  readonly command: string;
  readonly key: TsigKey;
  readonly octets: Uint8Array;
  /** Where its TSIG record begins. */
  readonly start: number;
  readonly time: UnixSeconds;
};

export const captures: readonly Capture[] = [
  capture(
    'dig +noedns -y hmac-sha256:Some.Key._update.example.:… www.example A',
    'hmac-sha256',
    'some.key._update.example.',
    0x6b07_6530,
    '02c40120000100000000000103777777076578616d706c650000010001',
    '04736f6d65036b6579075f757064617465076578616d706c650000fa00ff00000000003d0b686d61632d736861323536' +
      '0000006b076530012c002091cd876c3809bc13e99c91e692251c249c8a049951bb1ffb2289404e530e270302c400000000',
  ),
  capture(
    'kdig -y hmac-sha512:Some.Key._update.example.:… www.example A',
    'hmac-sha512',
    'some.key._update.example.',
    0x6b07_6531,
    '93b30120000100000000000103777777076578616d706c650000010001',
    '04736f6d65036b6579075f757064617465076578616d706c650000fa00ff00000000005d0b686d61632d736861353132' +
      '0000006b076531012c0040529ce87b6ddf8d7d28f593b1d21c74505f7ef9f8be88be9e53f626ee960eff79541605424b' +
      '31f2cd31c269a9c80c8ffbca8927dfc5501c28a54272cc2733882893b300000000',
  ),
  capture(
    'nsupdate -y hmac-sha1:Some.Key._update.example.:…',
    'hmac-sha1',
    'some.key._update.example.',
    0x6b07_6532,
    '2ace28000001000000010001076578616d706c65000006000103777777c00c000100010000003c0004c0000201',
    '04736f6d65036b6579075f757064617465076578616d706c650000fa00ff00000000002f09686d61632d736861310000' +
      '006b076532012c0014f278d7682942f60296c89d5d5acdc06f12679cb52ace00000000',
  ),
];

/** nsupdate with `algorithm hmac-sha256-128`: the first 16 octets of the MAC. */
export const shortMac: Capture = capture(
  'nsupdate -k short.key',
  'hmac-sha256',
  'short._update.example.',
  0x6b07_6533,
  'fc8a28000001000000010001076578616d706c65000006000103777777c00c000100010000003c0004c0000201',
  '0573686f7274075f757064617465076578616d706c650000fa00ff00000000002d0b686d61632d7368613235360000' +
    '006b076533012c0010fbb105ce2a32348182154459fb682ca1fc8a00000000',
);

function capture(
  command: string,
  algorithm: HmacAlgorithm,
  name: string,
  time: number,
  message: string,
  tsig: string,
): Capture {
  return {
    command,
    key: { name: parseName(name), algorithm, secret: capturedSecret },
    octets: parseHex(message + tsig),
    start: message.length / 2,
    time: time as UnixSeconds,
  };
}

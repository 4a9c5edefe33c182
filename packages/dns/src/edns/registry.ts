/** The EDNS options that have a layout of their own; any other is opaque (RFC 6891 §6.1.2). */
import { formatHex } from '@riad/octets/hex';
import { formatEdnsOption } from '../iana/edns-options.ts';
import { chain } from './chain.ts';
import { clientSubnet } from './client-subnet.ts';
import { cookie } from './cookie.ts';
import { expire } from './expire.ts';
import { extendedError } from './extended-error.ts';
import { keepalive } from './keepalive.ts';
import { keyTag } from './key-tag.ts';
import { nsid } from './nsid.ts';
import type { EdnsOption, EdnsOptionType } from './option.ts';
import { padding } from './padding.ts';
import { reportChannel } from './report-channel.ts';
import { zoneVersion } from './zone-version.ts';

// biome-ignore lint/suspicious/noExplicitAny: options of every value stand in one table
type AnyOptionType = EdnsOptionType<any>;

export const optionTypes: readonly AnyOptionType[] = [
  nsid,
  clientSubnet,
  expire,
  cookie,
  keepalive,
  padding,
  chain,
  keyTag,
  extendedError,
  reportChannel,
  zoneVersion,
];

const byCode = new Map(optionTypes.map((type) => [type.code, type]));

/** Refuses an option of a known kind that is malformed, with code `edns.option`. */
export function checkOption(option: EdnsOption): void {
  byCode.get(option.code)?.decode(option.octets);
}

/** `COOKIE: 0011…`; octets of unknown options in hexadecimal. */
export function formatOption(option: EdnsOption): string {
  const text = byCode.get(option.code)?.format(option.octets) ?? formatHex(option.octets);
  return text === '' ? formatEdnsOption(option.code) : `${formatEdnsOption(option.code)}: ${text}`;
}

/**
 * Service parameters (RFC 9460 §2.2): keys in strictly ascending order, each at most once, every
 * known value well formed, and every mandatory key present (§8).
 */
import {
  formatIpv4,
  formatIpv6,
  type Ipv4Address,
  type Ipv6Address,
  octetsOfIpv4,
  octetsOfIpv6,
} from '@riad/octets/ip-address';
import type { Reader } from '@riad/octets/reader';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { SvcParamKey } from '../iana/svc-param-keys.ts';
import { requireUnsigned } from './number-field.ts';

/** What is absent was not there; keys without a name here are in `others`. */
export type SvcParams = {
  readonly mandatory?: readonly number[];
  readonly alpn?: readonly Uint8Array[];
  readonly noDefaultAlpn?: true;
  readonly port?: number;
  readonly ipv4hint?: readonly Ipv4Address[];
  readonly ech?: Uint8Array;
  readonly ipv6hint?: readonly Ipv6Address[];
  readonly dohpath?: string;
  readonly ohttp?: true;
  readonly tlsSupportedGroups?: readonly number[];
  readonly docpath?: readonly Uint8Array[];
  readonly others?: ReadonlyMap<number, Uint8Array>;
};

export type SvcParam = { readonly key: number; readonly value: Uint8Array };

const maxKey = 65_534; // RFC 9460 §14.3.2: 65535 is reserved as the invalid key

/** The parameters to the end of the record data, each value as octets. */
export function readSvcParams(reader: Reader): SvcParam[] {
  const params: SvcParam[] = [];
  while (reader.remaining > 0) {
    const at = reader.position;
    const key = reader.uint16('service parameter key');
    const value = reader.octets(
      reader.uint16('length of a service parameter'),
      'service parameter',
    );
    const previous = params.at(-1);
    if (key > maxKey || (previous !== undefined && previous.key >= key)) {
      reader.fail('rdata.svc-params', 'service parameters out of order, or twice', at); // §2.2
    }
    params.push({ key, value });
  }
  const wrong = malformed(params);
  if (wrong !== undefined) reader.fail('rdata.svc-params', wrong);
  return params;
}

/** Writes parameters in any order, after checking them; returns what is wrong, if anything. */
export function writeSvcParams(params: SvcParam[], writer: Writer): string | undefined {
  params.sort((a, b) => a.key - b.key);
  for (let i = 1; i < params.length; i++) {
    if (params[i]!.key === params[i - 1]!.key) return 'a service parameter stands twice';
  }
  const wrong = malformed(params);
  if (wrong !== undefined) return wrong;
  for (const { key, value } of params) {
    if (value.length > 0xffff) return 'a service parameter has more than 65535 octets';
    writer.uint16(key);
    writer.uint16(value.length);
    writer.octets(value);
  }
  return undefined;
}

/** What is wrong with parameters that are in order. */
function malformed(params: readonly SvcParam[]): string | undefined {
  for (const { key, value } of params) {
    if (!wellFormed(key, value)) return `${codes['rdata.svc-params']} (key ${key})`;
    if (key !== SvcParamKey.mandatory) continue;
    for (const required of numbers(value)) {
      // RFC 9460 §8: no key that is missing, and not `mandatory` itself.
      if (!params.some((param) => param.key === required))
        return `mandatory key ${required} is missing`;
    }
  }
  return undefined;
}

function wellFormed(key: number, value: Uint8Array): boolean {
  const { length } = value;
  switch (key) {
    case SvcParamKey.mandatory: {
      if (length === 0 || length % 2 !== 0) return false;
      const keys = numbers(value);
      // §8: ascending, without repetition; 0 is the key itself
      return keys.every((k, i) => k > (i === 0 ? 0 : keys[i - 1]!));
    }
    case SvcParamKey.alpn:
      return length > 0 && segments(value)?.every((protocol) => protocol.length > 0) === true; // §7.1.1
    case SvcParamKey['no-default-alpn']:
    case SvcParamKey.ohttp: // RFC 9540 §4
      return length === 0;
    case SvcParamKey.port:
      return length === 2; // §7.2
    case SvcParamKey.ipv4hint:
      return length > 0 && length % 4 === 0; // §7.3
    case SvcParamKey.ipv6hint:
      return length > 0 && length % 16 === 0;
    case SvcParamKey.ech:
      return length > 0; // RFC 9848 §4
    case SvcParamKey.dohpath:
      return isDohPath(value);
    case SvcParamKey['tls-supported-groups']: {
      const groups = numbers(value);
      return length > 0 && length % 2 === 0 && new Set(groups).size === groups.length;
    }
    case SvcParamKey.docpath:
      return segments(value) !== undefined; // RFC 9953 §3: an empty path is the root
    default:
      return true;
  }
}

/** RFC 9461 §5: a URI template in UTF-8, relative, with the variable `dns`. */
function isDohPath(value: Uint8Array): boolean {
  if (value[0] !== 0x2f) return false;
  try {
    return /\{[^{}]*\bdns\b[^{}]*\}/.test(decodeUtf8(value));
  } catch {
    return false; // decodeUtf8 throws for nothing but octets that are not UTF-8
  }
}

/** 16-bit numbers one after the other. */
function numbers(value: Uint8Array): number[] {
  const list: number[] = [];
  for (let at = 0; at + 1 < value.length; at += 2) list.push((value[at]! << 8) | value[at + 1]!);
  return list;
}

/** Strings with one octet of length each; undefined if the octets do not come out even. */
function segments(value: Uint8Array): Uint8Array[] | undefined {
  const list: Uint8Array[] = [];
  let at = 0;
  while (at < value.length) {
    const end = at + 1 + value[at]!;
    if (end > value.length) return undefined;
    list.push(value.subarray(at + 1, end));
    at = end;
  }
  return list;
}

/** The parameters as one object; `params` are as `readSvcParams` leaves them. */
export function typedSvcParams(params: readonly SvcParam[]): SvcParams {
  const typed: { -readonly [Key in keyof SvcParams]: SvcParams[Key] } = {};
  const others = new Map<number, Uint8Array>();
  for (const { key, value } of params) {
    switch (key) {
      case SvcParamKey.mandatory:
        typed.mandatory = numbers(value);
        break;
      case SvcParamKey.alpn:
        typed.alpn = segments(value)!;
        break;
      case SvcParamKey['no-default-alpn']:
        typed.noDefaultAlpn = true;
        break;
      case SvcParamKey.port:
        typed.port = numbers(value)[0]!;
        break;
      case SvcParamKey.ipv4hint:
        typed.ipv4hint = strided(value, 4, formatIpv4);
        break;
      case SvcParamKey.ech:
        typed.ech = value;
        break;
      case SvcParamKey.ipv6hint:
        typed.ipv6hint = strided(value, 16, formatIpv6);
        break;
      case SvcParamKey.dohpath:
        typed.dohpath = decodeUtf8(value);
        break;
      case SvcParamKey.ohttp:
        typed.ohttp = true;
        break;
      case SvcParamKey['tls-supported-groups']:
        typed.tlsSupportedGroups = numbers(value);
        break;
      case SvcParamKey.docpath:
        typed.docpath = segments(value)!;
        break;
      default:
        others.set(key, value);
    }
  }
  if (others.size > 0) typed.others = others;
  return typed;
}

function strided<Address>(
  value: Uint8Array,
  stride: number,
  format: (octets: Uint8Array, at: number) => Address,
): Address[] {
  return Array.from({ length: value.length / stride }, (_, i) => format(value, i * stride));
}

/** The reverse of `typedSvcParams`; addresses and numbers that are none throw. */
export function untypedSvcParams(typed: SvcParams): SvcParam[] {
  const params: SvcParam[] = [];
  const add = (key: number, value: Uint8Array | undefined): void => {
    if (value !== undefined) params.push({ key, value });
  };
  add(
    SvcParamKey.mandatory,
    typed.mandatory && numberOctets([...typed.mandatory].sort((a, b) => a - b)),
  );
  add(SvcParamKey.alpn, typed.alpn && segmentOctets(typed.alpn));
  add(SvcParamKey['no-default-alpn'], typed.noDefaultAlpn && new Uint8Array());
  add(SvcParamKey.port, typed.port === undefined ? undefined : numberOctets([typed.port]));
  add(SvcParamKey.ipv4hint, typed.ipv4hint && addressOctets(typed.ipv4hint, octetsOfIpv4));
  add(SvcParamKey.ech, typed.ech);
  add(SvcParamKey.ipv6hint, typed.ipv6hint && addressOctets(typed.ipv6hint, octetsOfIpv6));
  add(SvcParamKey.dohpath, typed.dohpath === undefined ? undefined : encodeUtf8(typed.dohpath));
  add(SvcParamKey.ohttp, typed.ohttp && new Uint8Array());
  add(
    SvcParamKey['tls-supported-groups'],
    typed.tlsSupportedGroups && numberOctets(typed.tlsSupportedGroups),
  );
  add(SvcParamKey.docpath, typed.docpath && segmentOctets(typed.docpath));
  for (const [key, value] of typed.others ?? []) {
    add(requireUnsigned(key, maxKey, 'service parameter key'), value);
  }
  return params;
}

export function numberOctets(list: readonly number[]): Uint8Array {
  const writer = new Writer(list.length * 2);
  for (const number of list) writer.uint16(requireUnsigned(number, 0xffff, 'a number'));
  return writer.copy();
}

export function segmentOctets(list: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(64);
  for (const segment of list) {
    writer.uint8(requireUnsigned(segment.length, 0xff, 'the length of a string'));
    writer.octets(segment);
  }
  return writer.copy();
}

function addressOctets(
  list: readonly string[],
  octetsOf: (text: string) => Uint8Array | undefined,
): Uint8Array {
  const writer = new Writer(64);
  for (const address of list) {
    const octets = octetsOf(address);
    if (octets === undefined) throw new RangeError(`${address} is no address of this family`);
    writer.octets(octets);
  }
  return writer.copy();
}

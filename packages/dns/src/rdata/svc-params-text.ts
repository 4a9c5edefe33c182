/** Service parameters as text: `key`, `key=value` or `key="value"` (RFC 9460 §2.1, appendix A). */
import { textFromOctets } from '@riad/octets/ascii';
import { formatBase64, parseBase64 } from '@riad/octets/base64';
import { DecodeError } from '@riad/octets/decode-error';
import { octetsOfIpv4, octetsOfIpv6 } from '@riad/octets/ip-address';
import { Writer } from '@riad/octets/writer';
import { findSvcParamKey, formatSvcParamKey, SvcParamKey } from '../iana/svc-param-keys.ts';
import { formatQuoted, parseOctets } from './character-string.ts';
import {
  numberOctets,
  type SvcParam,
  segmentOctets,
  typedSvcParams,
  writeSvcParams,
} from './svc-params.ts';
import type { TokenReader } from './token-reader.ts';

const equals = 0x3d;
const comma = 0x2c;
const backslash = 0x5c;

/** Writes the parameters from the current token to the end of the entry. */
export function parseSvcParams(tokens: TokenReader, writer: Writer): void {
  const params: SvcParam[] = [];
  let more = true;
  while (more) {
    const { buffer, start, end } = tokens;
    let keyEnd = start;
    while (keyEnd < end && buffer[keyEnd] !== equals) keyEnd++;
    const key = tokens.quoted ? -1 : findSvcParamKey(buffer, start, keyEnd);
    if (key < 0 || key === 0xffff) tokens.fail('text.value', 'a service parameter is expected');
    let text: Uint8Array | undefined;
    if (keyEnd < end - 1) {
      text = unescaped(tokens, keyEnd + 1);
      more = tokens.next();
    } else {
      more = tokens.next();
      // A quote ends the token before it: key="value" comes as two tokens without a space between.
      if (keyEnd < end && more && tokens.quoted && tokens.start === end + 1) {
        text = unescaped(tokens, tokens.start);
        more = tokens.next();
      }
    }
    params.push({ key, value: parseValue(tokens, key, text) });
  }
  const wrong = writeSvcParams(params, writer);
  if (wrong !== undefined) tokens.fail('text.value', wrong);
}

/** The octets of the current token from `from` on, escapes resolved. */
function unescaped(tokens: TokenReader, from: number): Uint8Array {
  const writer = new Writer(tokens.end - from);
  const { buffer, end, quoted, origin } = tokens;
  const part: TokenReader = {
    buffer,
    start: from,
    end,
    quoted,
    origin,
    next: () => tokens.next(),
    require: (what) => tokens.require(what),
    fail: (code, sentence) => tokens.fail(code, sentence),
  };
  parseOctets(part, writer);
  return writer.copy();
}

function parseValue(tokens: TokenReader, key: number, text: Uint8Array | undefined): Uint8Array {
  if (text === undefined || text.length === 0) return new Uint8Array(); // checked with the others
  switch (key) {
    case SvcParamKey.mandatory:
      return numberOctets(keysOf(tokens, text));
    case SvcParamKey.alpn:
    case SvcParamKey.docpath:
      return listOctets(tokens, text);
    case SvcParamKey.port:
      return numberOctets([numberOf(tokens, textFromOctets(text))]);
    case SvcParamKey.ipv4hint:
      return addresses(tokens, text, octetsOfIpv4);
    case SvcParamKey.ipv6hint:
      return addresses(tokens, text, octetsOfIpv6);
    case SvcParamKey.ech:
      return base64Of(tokens, text);
    case SvcParamKey['tls-supported-groups']:
      return numberOctets(
        textFromOctets(text)
          .split(',')
          .map((part) => numberOf(tokens, part)),
      );
    default:
      return text;
  }
}

/** §8: in text the keys may stand in any order. */
function keysOf(tokens: TokenReader, text: Uint8Array): number[] {
  const keys: number[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && text[at] !== comma) continue;
    const key = findSvcParamKey(text, start, at);
    if (key < 0) tokens.fail('text.value', 'keys with commas between them are expected');
    keys.push(key);
    start = at + 1;
  }
  return keys.sort((a, b) => a - b);
}

function numberOf(tokens: TokenReader, text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (number < 0 || number > 0xffff) tokens.fail('text.number', 'a number up to 65535 is expected');
  return number;
}

function base64Of(tokens: TokenReader, text: Uint8Array): Uint8Array {
  try {
    return parseBase64(textFromOctets(text));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return tokens.fail('text.base64', 'base64 is expected');
  }
}

function addresses(
  tokens: TokenReader,
  text: Uint8Array,
  octetsOf: (address: string) => Uint8Array | undefined,
): Uint8Array {
  const writer = new Writer(64);
  for (const part of textFromOctets(text).split(',')) {
    const octets = octetsOf(part);
    if (octets === undefined) return tokens.fail('text.address', `${part} is no address here`);
    writer.octets(octets);
  }
  return writer.copy();
}

/** Appendix A.1: items with commas between them; `\,` and `\\` stand for themselves inside. */
function listOctets(tokens: TokenReader, text: Uint8Array): Uint8Array {
  const items: number[][] = [[]];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === comma) {
      items.push([]);
      continue;
    }
    if (text[at] === backslash) {
      at++;
      if (text[at] !== comma && text[at] !== backslash) {
        tokens.fail('text.escape', 'inside a list only a comma or a backslash is escaped');
      }
    }
    items.at(-1)!.push(text[at]!);
  }
  if (items.some((item) => item.length === 0 || item.length > 255)) {
    tokens.fail('text.string', 'an item of a list has 1 to 255 octets');
  }
  return segmentOctets(items.map((item) => Uint8Array.from(item)));
}

export function formatSvcParams(params: readonly SvcParam[]): string {
  return params
    .map((param) => {
      const text = formatValue(param);
      return text === undefined
        ? formatSvcParamKey(param.key)
        : `${formatSvcParamKey(param.key)}=${text}`;
    })
    .join(' ');
}

/** Undefined where the key stands alone. */
function formatValue(param: SvcParam): string | undefined {
  if (param.value.length === 0) return undefined;
  const typed = typedSvcParams([param]);
  if (typed.mandatory) return typed.mandatory.map(formatSvcParamKey).join(',');
  const list = typed.alpn ?? typed.docpath;
  if (list) return formatQuoted(joinItems(list));
  if (typed.port !== undefined) return String(typed.port);
  const hints = typed.ipv4hint ?? typed.ipv6hint;
  if (hints) return hints.join(',');
  if (typed.ech) return formatBase64(typed.ech);
  if (typed.tlsSupportedGroups) return typed.tlsSupportedGroups.join(',');
  return formatQuoted(param.value);
}

function joinItems(items: readonly Uint8Array[]): Uint8Array {
  const joined: number[] = [];
  for (const [i, item] of items.entries()) {
    if (i > 0) joined.push(comma);
    for (const octet of item) {
      if (octet === comma || octet === backslash) joined.push(backslash);
      joined.push(octet);
    }
  }
  return Uint8Array.from(joined);
}

/**
 * Reads a key file: a master file (RFC 1035 §5) without SOA whose DNSKEY records are secrets,
 * `client._update. DNSKEY 0 3 163 c2VjcmV0…`. Owner: the key’s name. Flags: 0, or 128 for a secret
 * that is being replaced. Algorithm: 161 to 165 (`tsig/hmac.ts`). The TTL says nothing.
 *
 * A line that is wrong takes nothing with it but its own key. No complaint repeats what the file says,
 * for that may be a secret.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import {
  canonicalName,
  equalNames,
  formatName,
  isSubdomain,
  type Name,
  nameKey,
} from '@riad/dns/name';
import { hmacOfKeyNumber, md5KeyNumber } from '@riad/dns/tsig/hmac';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { equalOctets } from '@riad/octets/ascii';
import { readKeyName } from './key-name.ts';
import { maxKeys, type RingKey, ringKey } from './key-ring.ts';

/** Complaints of one key file: each names a line to mend. */
export const maxKeyFileErrors = 1000;
/** A key name needs at most 1020 octets as text and a secret rarely 100, so this holds `maxKeys`. */
export const maxKeyFileOctets: number = maxKeys * 1600;

export const keyFileFaults = {
  'key.file-too-large': 'the file is larger than any that holds keys',
  'key.type': 'only DNSKEY records may stand in a key file',
  'key.outside': 'the key’s name lies outside the zone of this file, so that it is ignored',
  'key.flags':
    'flags are 0, or 128 for a secret that is being replaced; the zone and SEP bits are ignored',
  'key.protocol': 'the protocol of a key is 3',
  'key.md5': 'HMAC-MD5 is not offered (RFC 8945 §6); 163 is HMAC-SHA256',
  'key.algorithm': 'an algorithm is 161 to 165: HMAC-SHA1, SHA224, SHA256, SHA384, SHA512',
  'key.several':
    'the name has several secrets, so that it is ignored; of two, one may have the flags 128',
} as const;

export const keyFileWarnings = {
  'key.repeated': 'the same secret stands there twice',
  'key.short': 'the secret has less than 16 octets and may be guessed',
  'key.no-operation': 'the name grants nothing: no label is _update, _transfer or _notify',
  'key.zone-no-host-name': 'the name grants nothing: what follows the operation is no host name',
  'key.replaced-alone':
    'the secret is marked as being replaced, but there is none that replaces it',
} as const;

export type KeyFileFault = {
  readonly code: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in octets. */
  readonly column: number;
  readonly message: string;
};

export type KeyFileRequest = {
  /** The file's name, for complaints. */
  readonly file: string;
  readonly text: Uint8Array;
  /** Owners must be at or below it. */
  readonly zone: Name;
  /** What completes relative names: the zone, or the root in repositories with `origin: root`. */
  readonly origin: Name;
};

export type KeyFileReading = {
  readonly keys: readonly RingKey[];
  /** Lines that gave no key. */
  readonly faults: readonly KeyFileFault[];
  /** Keys that are loaded and hardly meant so. */
  readonly warnings: readonly KeyFileFault[];
};

const replacedFlag = 0x0080; // the REVOKE bit, RFC 5011 §7
const ignoredFlags = 0x0101; // ZONE and SEP, RFC 4034 §2.1.1: they say nothing of a secret
const leastSecretOctets = 16;

type Entry = { readonly key: TsigKey; readonly replaced: boolean; readonly line: number };

export function readKeyFile({ file, text, zone, origin }: KeyFileRequest): KeyFileReading {
  const faults: KeyFileFault[] = [];
  const warnings: KeyFileFault[] = [];
  const entries = new Map<string, Entry[]>();
  const place = (line: number, column: number, code: string, message: string): KeyFileFault => ({
    code,
    file,
    line,
    column,
    message,
  });
  if (text.length > maxKeyFileOctets) {
    const code = 'key.file-too-large';
    return { keys: [], faults: [place(1, 1, code, keyFileFaults[code])], warnings };
  }
  const lines = new EntryLines(text);
  const take = (owner: Name, type: number, rdata: Uint8Array, line: number): void => {
    const fault = (code: keyof typeof keyFileFaults, field: Field): void => {
      const message = `${formatName(owner)}: ${keyFileFaults[code]}`;
      faults.push(place(line, lines.column(line, field), code, message));
    };
    if (type !== RecordTypeCode.DNSKEY) return fault('key.type', 'type');
    if (!isSubdomain(owner, zone)) return fault('key.outside', 'owner');
    const flags = (rdata[0]! << 8) | rdata[1]!;
    if ((flags & ~(replacedFlag | ignoredFlags)) !== 0) return fault('key.flags', 'flags');
    if (rdata[2] !== 3) return fault('key.protocol', 'protocol');
    if (rdata[3] === md5KeyNumber) return fault('key.md5', 'algorithm');
    const algorithm = hmacOfKeyNumber(rdata[3]!);
    if (algorithm === undefined) return fault('key.algorithm', 'algorithm');
    const key: TsigKey = { name: canonicalName(owner), algorithm, secret: rdata.slice(4) };
    const others = entries.get(nameKey(owner)) ?? [];
    entries.set(nameKey(owner), [...others, { key, replaced: (flags & replacedFlag) !== 0, line }]);
  };
  const errors = readZoneFile(
    text,
    {
      file,
      origin,
      defaultTtlSeconds: 0,
      maxErrors: maxKeyFileErrors,
      maxGeneratedRecords: 0, // one secret for many names is none
    },
    {
      record: (owner, length, _same, type, _class, _ttl, rdata, start, end, line) =>
        take(owner.slice(0, length), type, rdata.slice(start, end), line),
    },
  );
  for (const { code, line, column, message } of errors) {
    faults.push(place(line, column, code, message));
  }

  const keys: RingKey[] = [];
  for (const found of entries.values()) {
    const distinct = found.filter(
      (entry, i) => found.findIndex((other) => sameSecret(entry.key, other.key)) === i,
    );
    const say = (list: KeyFileFault[], code: string, message: string, line: number): void => {
      const name = formatName(found[0]!.key.name);
      list.push(place(line, lines.column(line, 'owner'), code, `${name}: ${message}`));
    };
    const warn = (code: keyof typeof keyFileWarnings, line: number): void =>
      say(warnings, code, keyFileWarnings[code], line);
    if (distinct.length < found.length) warn('key.repeated', found.at(-1)!.line);
    const live = liveSecrets(distinct);
    if (live === undefined) {
      say(faults, 'key.several', keyFileFaults['key.several'], distinct.at(-1)!.line);
      continue;
    }
    const { key, replaced, line } = live[0]!;
    if (replaced) warn('key.replaced-alone', line);
    for (const entry of live) {
      if (entry.key.secret.length < leastSecretOctets) warn('key.short', entry.line);
    }
    const reading = readKeyName(key.name);
    if (!reading.grants) warn(`key.${reading.why}`, line);
    keys.push(
      ringKey(
        live.map((entry) => entry.key),
        { file, line },
      ),
    );
  }
  const inOrder = (a: KeyFileFault, b: KeyFileFault): number =>
    a.line - b.line || a.column - b.column;
  return { keys, faults: faults.sort(inOrder), warnings: warnings.sort(inOrder) };
}

/** The newest first; undefined where nobody can tell which is meant. */
function liveSecrets(entries: readonly Entry[]): readonly Entry[] | undefined {
  if (entries.length === 1) return entries;
  const [first, second] = entries;
  if (entries.length !== 2 || first!.replaced === second!.replaced) return undefined;
  return first!.replaced ? [second!, first!] : [first!, second!];
}

function sameSecret(a: TsigKey, b: TsigKey): boolean {
  return (
    equalNames(a.name, b.name) && a.algorithm === b.algorithm && equalOctets(a.secret, b.secret)
  );
}

type Field = 'owner' | 'type' | 'flags' | 'protocol' | 'algorithm';
const behindType: readonly Field[] = ['type', 'flags', 'protocol', 'algorithm'];

/** Finds the column of a field in the line where its entry begins. */
class EntryLines {
  readonly #text: Uint8Array;
  #starts: number[] | undefined;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** The field's own column if it stands in this line; that of the line's first token otherwise. */
  column(line: number, field: Field): number {
    const tokens = this.#tokens(line);
    const first = tokens[0]?.column ?? 1;
    if (field === 'owner') return first;
    const owners = first === 1 ? 1 : 0; // RFC 1035 §5.1: behind a blank, the owner is the one before
    const type = tokens.findIndex(
      ({ text }, i) => i >= owners && /^(?:dnskey|type48)$/i.test(text),
    );
    // For another type: the first token that is neither owner, TTL nor class.
    if (type < 0) {
      const found = tokens.find(({ text }, i) => i >= owners && !/^(?:\d.*|in)$/i.test(text));
      return found?.column ?? first;
    }
    return tokens[type + behindType.indexOf(field)]?.column ?? first;
  }

  #tokens(line: number): { text: string; column: number }[] {
    this.#starts ??= this.#lineStarts();
    const start = this.#starts[line - 1] ?? 0;
    const end = this.#starts[line] ?? this.#text.length;
    let text = '';
    for (let at = start; at < end; at++) text += String.fromCharCode(this.#text[at]!);
    return [...text.replace(/;.*/, '').matchAll(/[^\s()]+/g)].map((match) => ({
      text: match[0],
      column: match.index + 1,
    }));
  }

  #lineStarts(): number[] {
    const starts = [0];
    for (let at = 0; at < this.#text.length; at++) if (this.#text[at] === 0x0a) starts.push(at + 1);
    return starts;
  }
}

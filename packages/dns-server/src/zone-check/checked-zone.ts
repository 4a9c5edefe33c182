/** The records of a zone by name, as the rules of `zone-check.ts` look at them. Memory grows with the zone. */
import { formatName } from '@riad/dns/name';
import type { RecordSink } from '@riad/dns/zonefile/reader-options';
import { nameOctets } from '../zone-image/rrset-encoder.ts';

export type CheckedRecord = {
  readonly type: number;
  readonly ttlSeconds: number;
  /** Uncompressed. */
  readonly rdata: Uint8Array;
  /** Where it stands; lines are counted from 1. */
  readonly file: string;
  readonly line: number;
};

const typeNs = 2;
const typeCname = 5;
const typeDname = 39;

export class CheckedZone implements RecordSink {
  /** Presentation form in lower case, with the final dot. */
  readonly apex: string;
  readonly names: Map<string, CheckedRecord[]> = new Map();
  /** Names that exist only because names below them do (RFC 4592 §2.2.2) are here as well. */
  readonly #existing = new Set<string>();

  #file = '';

  constructor(apexName: Uint8Array) {
    this.apex = formatName(apexName).toLowerCase();
  }

  enterFile(file: string): void {
    this.#file = file;
  }

  record(
    ownerBuffer: Uint8Array,
    ownerLength: number,
    _sameOwner: boolean,
    type: number,
    _klass: number,
    ttlSeconds: number,
    rdata: Uint8Array,
    rdataStart: number,
    rdataEnd: number,
    line: number,
  ): void {
    const owner = formatName(ownerBuffer.slice(0, ownerLength)).toLowerCase();
    let records = this.names.get(owner);
    if (records === undefined) {
      records = [];
      this.names.set(owner, records);
      for (let name = owner; this.contains(name) && !this.#existing.has(name); ) {
        this.#existing.add(name);
        if (name === this.apex) break;
        name = parentOf(name);
      }
    }
    records.push({
      type,
      ttlSeconds,
      rdata: rdata.slice(rdataStart, rdataEnd),
      file: this.#file,
      line,
    });
  }

  /** Whether a name lies at or below the apex. */
  contains(name: string): boolean {
    return name === this.apex || this.apex === '.' || name.endsWith(`.${this.apex}`);
  }

  /** As `www.example.com` without its final dot in the file of example.com. Of one label, such as org.org., it may be meant. */
  hasApexTwice(name: string): boolean {
    if (this.apex === '.' || parentOf(this.apex) === '.') return false;
    const twice = `${this.apex}${this.apex}`;
    return name === twice || name.endsWith(`.${twice}`);
  }

  of(name: string, type: number): readonly CheckedRecord[] {
    return this.names.get(name)?.filter((record) => record.type === type) ?? [];
  }

  /** Whether an answer for the name comes from this zone: it exists, or a wildcard stands for it. */
  exists(name: string): boolean {
    if (this.#existing.has(name)) return true;
    return this.wildcardFor(name) !== undefined;
  }

  /** The wildcard that a name that does not exist is answered from (RFC 4592 §3.3.1). */
  wildcardFor(name: string): string | undefined {
    let encloser = parentOf(name);
    while (encloser !== this.apex && !this.#existing.has(encloser)) encloser = parentOf(encloser);
    const wildcard = encloser === '.' ? '*.' : `*.${encloser}`;
    return this.names.has(wildcard) ? wildcard : undefined;
  }

  /** The name in whose place the records of `name` are: itself, or its wildcard. */
  sourceOf(name: string): string {
    return this.#existing.has(name) ? name : (this.wildcardFor(name) ?? name);
  }

  /** The zone cut or DNAME above a name, the highest one; a cut at the name itself counts as well. */
  barrierAbove(name: string): { readonly name: string; readonly type: number } | undefined {
    let found: { name: string; type: number } | undefined;
    for (let at = name; at !== this.apex && this.contains(at); at = parentOf(at)) {
      if (this.of(at, typeNs).length > 0) found = { name: at, type: typeNs };
      else if (at !== name && this.of(at, typeDname).length > 0)
        found = { name: at, type: typeDname };
    }
    return found;
  }

  isAlias(name: string): boolean {
    return this.of(this.sourceOf(name), typeCname).length > 0;
  }
}

export function parentOf(name: string): string {
  // A dot that belongs to a label is written `\.`.
  for (let i = 0; i < name.length - 1; i++) {
    if (name[i] === '\\') i++;
    else if (name[i] === '.') return name.slice(i + 1);
  }
  return '.';
}

/** The name that begins at `at` of RDATA, in the form of `CheckedZone.names`. */
export function nameIn(rdata: Uint8Array, at: number): string {
  return formatName(rdata.slice(at, at + nameOctets(rdata, at))).toLowerCase();
}

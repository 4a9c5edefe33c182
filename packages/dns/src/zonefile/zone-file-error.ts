/**
 * A complaint about a master file, for the person who wrote it: file, line, column, token and one
 * sentence. Codes of record data (`rdata.…`, `name.…`) come from where the record types stand.
 */
export class ZoneFileError extends Error {
  override readonly name: string = 'ZoneFileError';
  readonly code: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in octets. */
  readonly column: number;
  /** The token as it stands in the file, cut after 64 octets; empty if there is none. */
  readonly token: string;

  constructor(
    code: string,
    file: string,
    line: number,
    column: number,
    token: string,
    sentence: string,
  ) {
    super(sentence);
    this.code = code;
    this.file = file;
    this.line = line;
    this.column = column;
    this.token = token;
  }

  /** `file:line:column: sentence`, the way compilers write it, so that editors find the place. */
  format(): string {
    const token = this.token === '' ? '' : ` (at "${this.token}")`;
    return `${this.file}:${this.line}:${this.column}: ${this.message}${token}`;
  }
}

/** The codes that reading a master file adds to those of names and record data. */
export const codes = {
  'zonefile.nul': 'the file holds an octet 0, as files do after a crash',
  'zonefile.escape': 'a backslash stands at the end of a line',
  'zonefile.open-quote': 'a quoted string is not closed on its line',
  'zonefile.open-parenthesis': 'a parenthesis is never closed',
  'zonefile.close-parenthesis': 'a parenthesis is closed that was not opened',
  'zonefile.trailing': 'a directive goes on after it is complete',
  'zonefile.no-owner': 'the first record names no owner',
  'zonefile.type': 'not the name of a record type',
  'zonefile.meta-type': 'a type that only queries have',
  'zonefile.class': 'the record has another class than the zone',
  'zonefile.ttl': 'not a time to live',
  'zonefile.no-ttl': 'the record has no time to live and none was given before',
  'zonefile.rfc1035-ttl': 'the time to live of the record before is used',
  'zonefile.soa-ttl': 'the minimum of the SOA is used as time to live',
  'zonefile.directive': 'not a directive',
  'zonefile.include-path': 'a path leads out of the folder of the zones',
  'zonefile.include-missing': 'an included file cannot be read',
  'zonefile.include-cycle': 'a file includes itself',
  'zonefile.include-depth': 'files include each other too deeply',
  'zonefile.include-count': 'too many files are included',
  'zonefile.generate-range': 'not a range',
  'zonefile.generate-count': 'too many records are generated',
  'zonefile.generate-template': 'not a template',
  'zonefile.generate-size': 'a generated line is too long',
  'zonefile.too-many-errors': 'reading stopped, for there are too many errors',
} as const;

export type ZoneFileCode = keyof typeof codes;

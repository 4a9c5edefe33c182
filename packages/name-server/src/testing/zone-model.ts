/**
 * What the zones of a run have to be: the operator's records (`e0`, `e1`, …) as the file said when it was
 * last read, and the others (`t…` from the start, `d…` by updates) as the last update left them. The
 * operator never touches what updates change, so that each record has one author and one last word.
 */
import { isNewerSerial } from '@riad/dns/serial';
import { recordsOf, sortedLines } from '@riad/dns-server/testing/built-zone';
import type { Random } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';

const fixedRecords = '@ NS ns\nns A 192.0.2.1\n';

/** Owner → address. */
type Addresses = ReadonlyMap<string, string>;

/** One zone; undefined while it is not served. */
export type ZoneContents =
  | {
      /** Of the SOA. */
      readonly refreshSeconds: number;
      readonly operators: Addresses;
      readonly updates: Addresses;
    }
  | undefined;

/** Of all zones. */
export type World = ReadonlyMap<string, ZoneContents>;

/** The records as `ZoneProcess.lines` gives them, but with serial 0. */
export function linesOfContents(zone: string, contents: ZoneContents): string[] {
  if (contents === undefined) return [];
  const records = [...contents.operators, ...contents.updates].map(
    ([owner, address]) => `${owner} A ${address}\n`,
  );
  const soa = `@ SOA ns h 0 ${contents.refreshSeconds} 3600 1209600 300\n`;
  return sortedLines(recordsOf(zone, `$TTL 60\n${soa}${fixedRecords}${records.join('')}`));
}

/** A file as its operator writes it the first time. */
export function newFile(random: Random, serial: number): Uint8Array {
  const lines = [
    '$TTL 60',
    `@ SOA ns h ${serial} 7200 3600 1209600 300`,
    '@ NS ns',
    'ns A 192.0.2.1',
  ];
  if (random.chance(0.5)) lines.push(twice);
  for (const owner of ['t0', 't1']) lines.push(`${owner} A ${address(random)}`);
  for (const owner of operatorsOwners) {
    if (random.chance(0.6)) lines.push(`${owner} A ${address(random)}`);
  }
  return encodeUtf8(`${lines.join('\n')}\n`);
}

/** Stands in a file that already says so: such a file is read whole whatever is edited. */
const twice = 'ns  A 192.0.2.1';
const operatorsOwners = ['e0', 'e1', 'e2'];
export const updatesOwners: readonly string[] = ['t0', 't1', 'd0', 'd1'];
const soaSerial = /( SOA \S+ \S+ )(\d+)( \d+)?/;

export function address(random: Random): string {
  return `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
}

/** A file as its operator leaves it after an edit. `served`: a serial that he may have looked up. */
export function editFile(random: Random, file: Uint8Array, served: number): Uint8Array {
  let lines = new TextDecoder().decode(file).split('\n');
  for (const owner of operatorsOwners) {
    if (random.chance(0.5)) continue;
    const kept = lines.filter((line) => !line.startsWith(`${owner} `));
    const at = random.between(4, kept.length - 1); // behind the name server, before the last line's end
    const wanted = random.chance(0.7) ? [`${owner} A ${address(random)}`] : [];
    lines = [...kept.slice(0, at), ...wanted, ...kept.slice(at)];
  }
  if (random.chance(0.3)) {
    const without = lines.filter((line) => line !== twice);
    const had = without.length < lines.length;
    lines = had ? without : [...without.slice(0, 4), twice, ...without.slice(4)];
  }
  if (random.chance(0.2)) lines.splice(4, 0, `; ${random.uint32()}`);
  const refresh = random.chance(0.2) ? ` ${random.between(3600, 9999)}` : '$3';
  const text = lines.join('\n').replace(soaSerial, `$1$2${refresh}`);
  const serial = random.pick([undefined, undefined, 1, served + random.between(1, 3)]);
  if (serial === undefined) return encodeUtf8(text);
  return encodeUtf8(
    text.replace(soaSerial, (_, start: string, present: string, end: string) => {
      return `${start}${serial === 1 ? Number(present) + 1 : serial}${end}`;
    }),
  );
}

export function serialOfFile(file: Uint8Array): number {
  return Number(soaSerial.exec(new TextDecoder().decode(file))![2]);
}

/** What a file says. */
export function contentsOfFile(file: Uint8Array): NonNullable<ZoneContents> {
  const text = new TextDecoder().decode(file);
  const records = text.matchAll(/^([etd]\d)\S* +(?:\d+ +)?(?:IN +)?A +(\S+)/gm);
  const all = [...records].map(([, owner, found]) => [owner!, found!] as const);
  return {
    refreshSeconds: Number(soaSerial.exec(text)![3]),
    operators: new Map(all.filter(([owner]) => owner.startsWith('e'))),
    updates: new Map(all.filter(([owner]) => !owner.startsWith('e'))),
  };
}

/** The serials under which a zone was seen since it is served, and what it was each time. */
export class SeenSerials {
  readonly #seen: Map<number, string>;
  #newest: number | undefined;

  constructor(from?: SeenSerials) {
    this.#seen = new Map(from === undefined ? [] : from.#seen);
    this.#newest = from === undefined ? undefined : from.#newest;
  }

  get newest(): number | undefined {
    return this.#newest;
  }

  /** Says what is wrong with being served like this now, after all that was seen. */
  see(serial: number, lines: readonly string[]): string | undefined {
    const contents = lines.join('\n');
    const before = this.#seen.get(serial);
    if (before !== undefined && before !== contents)
      return `serial ${serial} twice, for different contents:\n${before}\n---\n${contents}`;
    if (this.#newest !== undefined && serial !== this.#newest) {
      if (!isNewerSerial(serial, this.#newest)) return `serial ${serial} after ${this.#newest}`;
    }
    this.#seen.set(serial, contents);
    this.#newest = serial;
    return undefined;
  }
}

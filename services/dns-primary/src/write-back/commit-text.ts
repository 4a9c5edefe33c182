/** What a commit says of the updates it writes into a zone's file: for people, and of bounded length. */
import type { Name } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { formatRelativeName } from '@riad/dns/zonefile/writer';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import type { ServedChange } from '@riad/name-server/loading/loader-messages';

/** Records of changes that a commit lists; more would not be read. */
export const maxListedRecords = 200;
/** Changes that a commit lists, each with who wanted it. */
export const maxListedChanges = 1000;
/** All that a commit lists: a single record may be long, and a commit takes no message over 1 MiB. */
export const maxListedCharacters: number = 256 << 10;
/** Keys and addresses that a commit names as its authors. */
export const maxAuthors = 100;

export type DecodedChange = { readonly served: ServedChange; readonly change: ZoneChange };

export type CommitText = {
  readonly title: string;
  /** Key names and addresses of who asked, without doubles; empty when nobody did. */
  readonly authors: readonly string[];
  readonly lines: readonly string[];
};

export function commitText(
  changes: readonly DecodedChange[],
  apexName: Name,
  zone: string,
): CommitText {
  const authors = new Set<string>();
  let updates = 0;
  for (const { served } of changes) {
    if (served.kind !== 'update') continue;
    updates++;
    const { key, address } = served.author;
    authors.add(key === '' ? address : key.replace(/\.$/, ''));
  }
  const listing = new Listing();
  for (const each of changes) if (!listing.add(each, apexName)) break;
  return {
    title: titleOf(zone, updates, authors),
    authors: [...authors].slice(0, maxAuthors),
    lines: listing.finish(changes.length),
  };
}

function titleOf(zone: string, updates: number, authors: ReadonlySet<string>): string {
  const name = zone.replace(/\.$/, '') || 'the root';
  if (updates === 0) return `${name}: raise the serial`;
  const by = `${[...authors].slice(0, 3).join(', ')}${authors.size > 3 ? ', …' : ''}`;
  return `${name}: ${updates === 1 ? 'an update' : `${updates} updates`} by ${by}`;
}

/** Who changed what when, as people read it. */
class Listing {
  readonly #lines: string[] = [];
  #changes = 0;
  #records = 0;
  #unlisted = 0;
  #characters = 0;

  /** False when there is no room for it, nor for any behind it. */
  add({ served, change }: DecodedChange, apexName: Name): boolean {
    if (this.#changes === maxListedChanges || this.#characters > maxListedCharacters) return false;
    this.#changes++;
    const { kind, author } = served;
    const serials = `serial ${change.fromSerial} to ${change.toSerial}`;
    if (kind === 'edit') {
      this.#add(`${serials}, raised after an edit`);
      return true;
    }
    const time = new Date(author.timeSeconds * 1000).toISOString();
    const who = author.key === '' ? 'without a key' : `with ${author.key}`;
    this.#add(`changed by ${author.address} ${who} at ${time}, ${serials}`);
    this.#addRecords('-', change.removals, apexName);
    this.#addRecords('+', change.additions, apexName);
    return true;
  }

  /** `all`: changes that there are. */
  finish(all: number): readonly string[] {
    if (this.#unlisted > 0) this.#lines.push(`… and ${this.#unlisted} more records of these`);
    if (all > this.#changes) this.#lines.push(`… and ${all - this.#changes} more changes`);
    return this.#lines;
  }

  /** The SOA, which comes first, is told by the serials. */
  #addRecords(sign: string, records: readonly ZoneRecord[], apexName: Name): void {
    for (const record of records.slice(1)) {
      if (this.#records < maxListedRecords && this.#characters <= maxListedCharacters) {
        this.#records++;
        this.#add(`${sign} ${recordText(record, apexName)}`);
      } else this.#unlisted++;
    }
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
  }
}

function recordText({ owner, type, ttlSeconds, rdata }: ZoneRecord, apexName: Name): string {
  const format = recordTypeOf(type);
  return `${formatRelativeName(owner, apexName)} ${ttlSeconds} ${format.mnemonic} ${format.format(rdata)}`;
}

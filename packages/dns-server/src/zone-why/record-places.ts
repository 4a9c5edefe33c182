/** Where the records of a zone stand in its text, files that it includes among them. */
import { type Name, nameKey } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { canonicalKey } from '../update/zone-contents.ts';

export type RecordPlace = {
  /** As `$INCLUDE` names it; undefined for the zone’s own file. */
  readonly included: string | undefined;
  /** Counted from 1; where the entry begins. */
  readonly line: number;
};

export type SoughtRecord = {
  readonly owner: Name;
  readonly type: number;
  readonly rdata: Uint8Array;
};

export type ZoneText = {
  readonly text: Uint8Array;
  readonly origin: Name;
  readonly include: (path: string) => Uint8Array | undefined;
};

/** The first place of each; undefined for a record that no line has. In the order of `sought`. */
export function recordPlaces(
  { text, origin, include }: ZoneText,
  sought: readonly SoughtRecord[],
): (RecordPlace | undefined)[] {
  const own = '\0'; // no path has that
  const wanted = new Map<string, RecordPlace | undefined>(
    sought.map((record) => [keyOf(record.owner, record.type, record.rdata), undefined]),
  );
  const owners = new Set(sought.map(({ owner }) => nameKey(owner)));
  let included: string | undefined;
  readZoneFile(
    text,
    { file: own, origin, include },
    {
      enterFile: (file) => {
        included = file === own ? undefined : file;
      },
      record: (owner, length, _same, type, _class, _ttl, rdata, start, end, line) => {
        const name = owner.slice(0, length);
        if (!owners.has(nameKey(name))) return;
        const key = keyOf(name, type, rdata.slice(start, end));
        if (wanted.has(key) && wanted.get(key) === undefined) wanted.set(key, { included, line });
      },
    },
  );
  return sought.map(({ owner, type, rdata }) => wanted.get(keyOf(owner, type, rdata)));
}

function keyOf(owner: Name, type: number, rdata: Uint8Array): string {
  return `${nameKey(owner)} ${canonicalKey(type, rdata)}`;
}

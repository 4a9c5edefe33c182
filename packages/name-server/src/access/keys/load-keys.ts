/** All key files of a service become one ring of keys; what is wrong with one takes no other with it. */
import type { Name } from '@riad/dns/name';
import { formatName, nameKey } from '@riad/dns/name';
import { type KeyFileFault, readKeyFile } from '@riad/dns-server/access/key-file';
import { KeyRing, maxKeys, type RingKey } from '@riad/dns-server/access/key-ring';

export type KeyFile = {
  /** For complaints. */
  readonly file: string;
  readonly octets: Uint8Array;
  /** Keys must be at or below it. */
  readonly zone: Name;
  /** What completes relative names: the zone, or the root for repositories with `origin: root`. */
  readonly origin: Name;
};

export type LoadedKeys = {
  readonly ring: KeyRing;
  /** Keys that are not in the ring, though a file means them to be. */
  readonly faults: readonly KeyFileFault[];
  /** Keys that are, and are hardly meant so. */
  readonly warnings: readonly KeyFileFault[];
};

export const codes = {
  'key.elsewhere': 'another file has a key of this name, which is taken',
  'key.too-many': 'there are more keys than a server may have',
} as const;

/** Of a name that stands in several files, the first is taken: so those of the state folder go first. */
export function loadKeys(files: readonly KeyFile[]): LoadedKeys {
  const taken = new Map<string, RingKey>();
  const faults: KeyFileFault[] = [];
  const warnings: KeyFileFault[] = [];
  for (const { file, octets, zone, origin } of files) {
    const reading = readKeyFile({ file, text: octets, zone, origin });
    faults.push(...reading.faults);
    warnings.push(...reading.warnings);
    for (const key of reading.keys) {
      const name = nameKey(key.name);
      const other = taken.get(name);
      const place = { file, line: key.line, column: 1 };
      if (other !== undefined) {
        const message = `${formatName(key.name)}: ${codes['key.elsewhere']}: ${other.file}:${other.line}`;
        faults.push({ code: 'key.elsewhere', ...place, message });
      } else if (taken.size >= maxKeys) {
        const message = `${formatName(key.name)}: ${codes['key.too-many']}, ${maxKeys}`;
        faults.push({ code: 'key.too-many', ...place, message });
        break;
      } else {
        taken.set(name, key);
      }
    }
  }
  return { ring: new KeyRing(taken.values()), faults, warnings };
}

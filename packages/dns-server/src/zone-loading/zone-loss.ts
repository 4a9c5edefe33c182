/** How much a new zone takes away from the one in force; a large loss is more often a mistake than meant. */
import { node, nodeVersion, nodeVersionFlag, rrset, zoneVersion } from '../zone-image/layout.ts';
import { NameNodes } from '../zone-image/name-nodes.ts';
import { NameTable } from '../zone-image/name-table.ts';
import { findRrset, firstRrsetWord } from '../zone-image/node-version.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';

/** Signatures and chains come and go with every signing: they are no loss. */
const dnssecTypes = new Set([46, 47, 50]);

export type Loss = { readonly lostRecords: number; readonly ofRecords: number };

/** Counts the records of RRsets that `before` has and `after` has not, or has with fewer records. Both are elements of chains. */
export function countLoss(image: ZoneImage, before: number, after: number): Loss {
  const { words, octets } = image.writer;
  const old = new NameTable(image.writer, words[before * 2 + zoneVersion.names]!);
  const fresh = new NameNodes(
    image.writer,
    new NameTable(image.writer, words[after * 2 + zoneVersion.names]!),
    image.seed,
    () => {},
  );
  let lostRecords = 0;
  let ofRecords = 0;
  old.forEach((reference) => {
    const head = words[reference * 2 + node.head]!;
    if (head === 0) return;
    const info = words[head * 2 + nodeVersion.info]!;
    if ((info & nodeVersionFlag.deleted) !== 0 || (info & 0xffff) === 0) return;
    const counterpart = fresh.find(octets, reference * 8 + node.nameOctet);
    const version = counterpart === 0 ? 0 : words[counterpart * 2 + node.head]!;
    const first = firstRrsetWord(words, head);
    for (let i = 0; i < (info & 0xffff); i++) {
      const found = words[first + i]!;
      const type = words[found * 2 + rrset.info]! & 0xffff;
      if (dnssecTypes.has(type)) continue;
      const count = words[found * 2 + rrset.info]! >>> 16;
      const kept = version === 0 ? 0 : findRrset(words, version, type);
      const remaining = kept === 0 ? 0 : words[kept * 2 + rrset.info]! >>> 16;
      ofRecords += count;
      lostRecords += Math.max(0, count - remaining);
    }
  });
  return { lostRecords, ofRecords };
}

/**
 * Brings a difference into a hosted zone, in one commit. One that changes how the zone denies names (a
 * new salt, a first NSEC) changes all names, so then the zone is built anew, and still published at once.
 */
import { ArenaFull } from '@riad/octets/arena';
import { recordKey, type ZoneChange } from '../zone-history/zone-change.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { zoneVersion } from '../zone-image/layout.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { prepareChanges, type ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

export type AppliedChange =
  | { readonly ok: true; readonly removed: number; readonly added: number }
  /** `commit.inexact`: the zone is not the one that the change begins with; fetch all of it. */
  | { readonly ok: false; readonly code: string; readonly message: string };

const inexact = {
  ok: false,
  code: 'commit.inexact',
  message: 'the zone is not the one that the change is for',
} as const;

/**
 * Applies a change to the zone at `apexName`, which must have its `fromSerial`; else nothing changes.
 * `beforePublish` is called when nothing can fail any more; what it throws keeps it from being published.
 */
export function applyChange(
  image: ZoneImage,
  apexName: Uint8Array,
  change: ZoneChange,
  sha1: Sha1,
  beforePublish: () => void = () => {},
): AppliedChange {
  const zone = image.zoneOf(apexName);
  const serial = zone === 0 ? 0 : image.writer.words[zone * 2 + zoneVersion.serial]! >>> 0;
  if (zone !== 0 && serial !== change.fromSerial) return inexact;
  const { removals, additions } = change;
  const commit = prepareChanges(image, apexName, removals, additions, sha1, true);
  if (!commit.ok) {
    return commit.code === 'commit.rebuild'
      ? rebuild(image, apexName, zone, change, sha1, beforePublish)
      : commit;
  }
  try {
    beforePublish();
  } catch (error) {
    commit.discard();
    throw error;
  }
  commit.publish();
  return { ok: true, removed: commit.removed, added: commit.added };
}

function rebuild(
  image: ZoneImage,
  apexName: Uint8Array,
  zone: number,
  { removals, additions }: ZoneChange,
  sha1: Sha1,
  beforePublish: () => void,
): AppliedChange {
  const gone = new Set(removals.map(recordKey));
  const names = image.writer.words[zone * 2 + zoneVersion.nodes]!;
  const builder = new ZoneBuilder(image, apexName, names, sha1);
  let removed = 0;
  let before: Uint8Array | undefined;
  const build = (record: ZoneRecord): void => {
    const { owner, type, ttlSeconds, rdata } = record;
    builder.record(
      owner,
      owner.length,
      owner === before,
      type,
      1,
      ttlSeconds,
      rdata,
      0,
      rdata.length,
      0,
    );
    before = owner;
  };
  try {
    forEachRecord(image, zone, (record) => {
      if (gone.delete(recordKey(record))) removed++;
      else build(record);
    });
    for (const record of additions) build(record);
    const exact = removed === removals.length && builder.irregular === 0;
    const built = exact ? builder.finish(image.nextVersion, 0) : 0;
    if (built !== 0) {
      try {
        beforePublish();
      } catch (error) {
        image.discard(built);
        throw error;
      }
      image.publish(apexName, built, true);
      return { ok: true, removed, added: additions.length };
    }
    builder.abandon();
    const [fault] = builder.faults;
    return fault === undefined ? inexact : { ok: false, code: fault.code, message: fault.message };
  } catch (error) {
    builder.abandon();
    if (error instanceof ArenaFull) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/**
 * Brings a difference into a hosted zone, in one commit. One that changes how the zone denies names (a
 * new salt, a first NSEC) changes all names, so then the zone is built anew, and still published at once.
 *
 * A difference that takes away what is not there is for another zone than ours, and refused. One that
 * adds what is there already is not: NSD 4.6 makes such, and the outcome is the same.
 */
import { ArenaFull } from '@riad/octets/arena';
import { effectiveChange } from '../zone-history/effective-change.ts';
import { recordKey, type ZoneChange } from '../zone-history/zone-change.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { zoneVersion } from '../zone-image/layout.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { prepareChanges, type ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

export type RefusedChange = {
  readonly ok: false;
  /** `commit.inexact`: the zone is not the one that the change begins with; fetch all of it. */
  readonly code: string;
  readonly message: string;
};

/** A change that nobody sees yet. One of the two must be called, once. */
export type PreparedChange = {
  readonly ok: true;
  /** What really happens: what a journal has to keep. */
  readonly change: ZoneChange;
  publish(): void;
  discard(): void;
};

const inexact: RefusedChange = {
  ok: false,
  code: 'commit.inexact',
  message: 'the zone is not the one that the change is for',
};

/** Prepares a change of the zone at `apexName`, which must have its `fromSerial`. */
export function prepareChange(
  image: ZoneImage,
  apexName: Uint8Array,
  change: ZoneChange,
  sha1: Sha1,
): PreparedChange | RefusedChange {
  const zone = image.zoneOf(apexName);
  const serial = zone === 0 ? 0 : image.writer.words[zone * 2 + zoneVersion.serial]! >>> 0;
  if (zone !== 0 && serial !== change.fromSerial) return inexact;
  const first = prepare(image, apexName, zone, change, sha1);
  if (first.ok || first.code !== 'commit.inexact' || zone === 0) return first;
  const effective = effectiveChange(image, zone, change);
  return prepare(image, apexName, zone, effective, sha1);
}

/** Applies a change at once; else nothing changes. */
export function applyChange(
  image: ZoneImage,
  apexName: Uint8Array,
  change: ZoneChange,
  sha1: Sha1,
): PreparedChange | RefusedChange {
  const prepared = prepareChange(image, apexName, change, sha1);
  if (prepared.ok) prepared.publish();
  return prepared;
}

function prepare(
  image: ZoneImage,
  apexName: Uint8Array,
  zone: number,
  change: ZoneChange,
  sha1: Sha1,
): PreparedChange | RefusedChange {
  const { removals, additions } = change;
  const prepared = prepareChanges(image, apexName, removals, additions, sha1, true);
  if (prepared.ok) {
    return {
      ok: true,
      change,
      publish: () => prepared.publish(),
      discard: () => prepared.discard(),
    };
  }
  return prepared.code === 'commit.rebuild'
    ? rebuild(image, apexName, zone, change, sha1)
    : prepared;
}

/** The zone built anew beside the present one, from its records and the change. */
function rebuild(
  image: ZoneImage,
  apexName: Uint8Array,
  zone: number,
  change: ZoneChange,
  sha1: Sha1,
): PreparedChange | RefusedChange {
  const gone = new Set(change.removals.map(recordKey));
  const names = image.writer.words[zone * 2 + zoneVersion.nodes]!;
  const builder = new ZoneBuilder(image, apexName, names, sha1);
  let before: Uint8Array | undefined;
  const build = (record: ZoneRecord): void => {
    const { owner, type, ttlSeconds, rdata } = record;
    const same = owner === before;
    builder.record(owner, owner.length, same, type, 1, ttlSeconds, rdata, 0, rdata.length, 0);
    before = owner;
  };
  try {
    forEachRecord(image, zone, (record) => {
      if (!gone.delete(recordKey(record))) build(record);
    });
    for (const record of change.additions) build(record);
    const built = builder.finish(image.nextVersion, 0);
    if (built !== 0) {
      return {
        ok: true,
        change,
        publish: () => {
          image.writer.put(built * 2 + zoneVersion.version, image.nextVersion);
          image.publish(apexName, built, true);
        },
        discard: () => image.discard(built),
      };
    }
    builder.abandon();
    const { code, message } = builder.faults[0]!;
    return { ok: false, code, message };
  } catch (error) {
    builder.abandon();
    if (error instanceof ArenaFull) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

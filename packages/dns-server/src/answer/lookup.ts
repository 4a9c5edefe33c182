/**
 * Finds the zone and the node for the name being looked for (RFC 1034 §4.3.2, steps 2 and 3).
 */
import {
  imageHeader,
  node,
  nodeVersion,
  nodeVersionFlag,
  zoneFlag,
  zoneVersion,
} from '../zone-image/layout.ts';
import { hashLabel } from '../zone-image/name-hash.ts';
import { findNode } from '../zone-image/name-table.ts';
import { visible } from '../zone-image/reader-slots.ts';
import { type QueryState, scratchPlace } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeVersionFlagDeleted = nodeVersionFlag.deleted;
const nodeVersionFlagHashOwner = nodeVersionFlag.hashOwner;
const imageHeaderZones = imageHeader.zones;
const imageHeaderZoneDepths = imageHeader.zoneDepths;
const nodeHead = node.head;
const zoneFlagDeleted = zoneFlag.deleted;
/** One that is expected is found, so that nobody else answers for it. */
const zoneFlagsGone: number = zoneFlag.deleted | zoneFlag.expected;
const zoneVersionFlags = zoneVersion.flags;
const zoneVersionApex = zoneVersion.apex;
const zoneVersionNames = zoneVersion.names;
const zoneVersionMaxLabels = zoneVersion.maxLabels;
const zoneVersionWildcardDepths = zoneVersion.wildcardDepths;
const nodeVersionInfo = nodeVersion.info;
const scratchPlaceWildcard = scratchPlace.wildcard;

const absent: number = nodeVersionFlagDeleted | nodeVersionFlagHashOwner;

/**
 * Takes the deepest hosted zone that holds the last `most` labels of the name; false if there is none.
 * Sets `zone` (0 then), `apex`, `apexLabels` and `names`.
 */
export function findZone(s: QueryState, most: number): boolean {
  const { words, octets } = s;
  const table = words[imageHeaderZones]!;
  const depths = words[imageHeaderZoneDepths]!;
  for (let labels = most; labels >= 0; labels--) {
    if ((depths & (1 << Math.min(labels, 31))) === 0) continue;
    const start = s.starts[s.labels - labels]!;
    const found = findNode(
      words,
      octets,
      table,
      s.hashes[labels]!,
      octets,
      s.name + start,
      s.soughtLength - start,
    );
    if (found === 0) continue;
    const zone = visible(words, words[found * 2 + nodeHead]!, s.version);
    if (zone === 0 || (words[zone * 2 + zoneVersionFlags]! & zoneFlagsGone) === zoneFlagDeleted)
      continue;
    s.zone = zone * 2;
    s.apex = words[zone * 2 + zoneVersionApex]!;
    s.apexLabels = labels;
    s.names = words[zone * 2 + zoneVersionNames]!;
    return true;
  }
  s.zone = 0;
  return false;
}

/** The node of the last `labels` labels of the name in the zone, 0 if there is none in any version. */
export function findEnd(s: QueryState, labels: number): number {
  const start = s.starts[s.labels - labels]!;
  return findNode(
    s.words,
    s.octets,
    s.names,
    s.hashes[labels]!,
    s.octets,
    s.name + start,
    s.soughtLength - start,
  );
}

/** What a node owns in the version being read, 0 if its name does not exist there. */
export function existing(s: QueryState, reference: number): number {
  if (reference === 0) return 0;
  const version = visible(s.words, s.words[reference * 2 + nodeHead]!, s.version);
  if (version === 0 || (s.words[version * 2 + nodeVersionInfo]! & absent) !== 0) return 0;
  return version;
}

/** Finds the closest encloser (RFC 4592 §3.3.1) of a name that does not exist; the apex always does. */
export function findEncloser(s: QueryState): void {
  let labels = Math.min(s.labels - 1, s.words[s.zone + zoneVersionMaxLabels]!);
  for (; labels > s.apexLabels; labels--) {
    const reference = findEnd(s, labels);
    const version = existing(s, reference);
    if (version !== 0) {
      s.encloserLabels = labels;
      s.encloser = reference;
      s.encloserVersion = version;
      return;
    }
  }
  s.encloserLabels = s.apexLabels;
  s.encloser = s.apex;
  s.encloserVersion = existing(s, s.apex);
}

/** The node of the wildcard below the closest encloser, or 0. */
export function findWildcard(s: QueryState): number {
  const depth = Math.min(31, s.encloserLabels - s.apexLabels);
  if ((s.words[s.zone + zoneVersionWildcardDepths]! & (1 << depth)) === 0) return 0;
  const { octets } = s;
  const start = s.starts[s.labels - s.encloserLabels]!;
  const wildcard = s.scratch + scratchPlaceWildcard;
  octets[wildcard] = 1;
  octets[wildcard + 1] = 0x2a;
  const length = s.soughtLength - start;
  for (let i = 0; i < length; i++) octets[wildcard + 2 + i] = octets[s.name + start + i]!;
  const hash = hashLabel(s.hashes[s.encloserLabels]!, octets, wildcard + 1, 1);
  return findNode(s.words, octets, s.names, hash, octets, wildcard, length + 2);
}

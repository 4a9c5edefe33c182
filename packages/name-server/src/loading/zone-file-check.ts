/** Judges the text of one zone as the service would, and says what its owner will hardly have meant. */
import { randomInt } from 'node:crypto';
import type { Name } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { CheckedZone } from '@riad/dns-server/zone-check/checked-zone';
import { checkZone } from '@riad/dns-server/zone-check/zone-check';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import {
  type LoadFault,
  type LoadOutcome,
  loadZone,
} from '@riad/dns-server/zone-loading/load-zone';
import { sha1 } from '@riad/net/ciphers/sha1';
import { Arena } from '@riad/octets/arena';

/** Enough for most zones; for a larger one as much as there can be. */
const reservesOctets = [64 << 20, 2 ** 31];
/** A text larger than this is checked for what would refuse it, and no further: that takes memory. */
export const maxCheckedOctets: number = 64 << 20;

export type ZoneFileText = {
  readonly apexName: Name;
  readonly text: Uint8Array;
  /** For people. */
  readonly file: string;
  readonly include: (path: string) => Uint8Array | undefined;
};

export type ZoneFileCheck = {
  readonly faults: readonly LoadFault[];
  readonly warnings: readonly LoadFault[];
};

export function checkZoneFile(zone: ZoneFileText): ZoneFileCheck {
  const { apexName, text, file, include } = zone;
  const outcome = load(zone);
  if (outcome.kind === 'refused') return { faults: outcome.faults, warnings: [] };
  const warnings = outcome.kind === 'loaded' ? [...outcome.warnings] : [];
  if (text.length <= maxCheckedOctets) {
    warnings.push(...warningsOf(apexName, text, file, include));
  }
  return { faults: [], warnings };
}

/** Of a text without faults. */
export function warningsOf(
  apexName: Name,
  text: Uint8Array,
  file: string,
  include: (path: string) => Uint8Array | undefined,
  origin: Name = apexName,
): LoadFault[] {
  const checked = new CheckedZone(apexName);
  readZoneFile(text, { file, origin, include }, checked);
  return checkZone(checked).map((finding) => ({ ...finding, column: 1 }));
}

function load({ apexName, text, file, include }: ZoneFileText): LoadOutcome {
  if (text.length === 0) {
    const message = 'the file is empty';
    return {
      kind: 'refused',
      faults: [{ code: 'zone.empty-file', file, line: 1, column: 1, message }],
    };
  }
  const request = { apexName, text, file, before: undefined, include, confirmed: true };
  for (const octets of reservesOctets) {
    try {
      const image = ZoneImage.create(Arena.reserve(octets), randomInt(2 ** 32));
      return loadZone(image, request, sha1());
    } catch (error) {
      if ((error as { code?: string }).code !== 'arena.full') throw error;
    }
  }
  const message = 'the zone does not fit into memory';
  return { kind: 'refused', faults: [{ code: 'arena.full', file, line: 1, column: 1, message }] };
}

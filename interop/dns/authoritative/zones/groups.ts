/** The zones that are served together: a server of many, and one of the root. */
import type { Random } from '@riad/octets/testing/random';
import type { ServedZone } from '../../../peers/server.ts';
import { handmadeZones, rootZone } from './handmade.ts';
import { randomZone } from './random.ts';
import { type Denial, denials, sign, zoneToSign } from './signed.ts';

export type Group = { readonly name: string; readonly zones: readonly ServedZone[] };

export function zoneGroups(folder: string, random: Random): Group[] {
  const randomNames = Array.from({ length: 8 }, (_, i) => `random${i}.test`);
  const zones = randomNames.map((name, i) =>
    randomZone(name, 15 + i * 15, random, [...randomNames, 'wild.example']),
  );
  const signed = (Object.keys(denials) as Denial[]).flatMap((denial) => [
    sign(zoneToSign(`${denial}.example`), denial, folder),
    // Parent and child on one server, and both signed.
    sign(zoneToSign(`signed.${denial}.example`), denial, folder),
    sign(
      randomZone(`random-${denial}.test`, 60, random, ['nsec.example', 'random0.test']),
      denial,
      folder,
    ),
  ]);
  return [
    { name: 'plain', zones: [...handmadeZones, ...zones] },
    { name: 'signed', zones: [...signed, ...handmadeZones] },
    { name: 'root', zones: [rootZone, ...handmadeZones.slice(0, 3)] },
    {
      name: 'signed root',
      zones: [sign(rootZone, 'nsec', folder), sign(zoneToSign('nsec3.example'), 'nsec3', folder)],
    },
  ];
}
